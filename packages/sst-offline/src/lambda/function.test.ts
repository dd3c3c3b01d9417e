import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { fixtureConfig } from "../../test/function-config";
import { createFunction, type FunctionOptions, type LambdaFunction, MAX_ENVIRONMENTS } from "./function";
import type { FunctionConfig } from "./function-config";

let folder: string;
let lambda: LambdaFunction;
let started: number;
let gone: number;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "function-"));
  started = 0;
  gone = 0;
});
afterEach(async () => {
  await lambda.stop();
  rmSync(folder, { recursive: true });
});

function bundle(name: string, source: string): string {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return file;
}
function create(source: string, changes: Partial<FunctionConfig> = {}, options: FunctionOptions = {}): void {
  const openStream = () => ({ name: `stream-${++started}`, file: path.join(folder, `stream-${started}.ndjson`) });
  lambda = createFunction({ ...fixtureConfig, ...changes }, openStream, () => gone++, options);
  if (source !== "") lambda.replaceBundle(bundle("first", source));
}
const logs = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".ndjson"))
    .map((name) => readFileSync(path.join(folder, name), "utf8"))
    .join("");
const invoke = () => lambda.invoke("{}", "Root=1-0-0").result;
const counter = "let n = 0; export const handler = async () => ++n;";

it("uses a warm environment again", async () => {
  create(counter);
  expect([await invoke(), await invoke()]).toEqual([
    { ok: true, json: "1" },
    { ok: true, json: "2" },
  ]);
  expect(started).toBe(1);
});

it("gives each invocation a request id of its own, a UUID", () => {
  create(counter);
  const [a, b] = [lambda.invoke("{}", ""), lambda.invoke("{}", "")];
  expect(a.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(a.requestId).not.toBe(b.requestId);
});

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html: one request at a time in each environment.
it("runs one invocation at a time in an environment, and slow ones beside each other", async () => {
  create(
    "let running = 0; export const handler = async () => { const n = ++running; await new Promise((r) => setTimeout(r, 100)); running--; return n; };",
  );
  const results = await Promise.all(Array.from({ length: 6 }, invoke));
  expect(results).toEqual(Array(6).fill({ ok: true, json: "1" }));
  expect(started).toBeGreaterThan(1);
  expect(started).toBeLessThanOrEqual(MAX_ENVIRONMENTS);
});

it("answers each of many invocations of a fast function with its own result", async () => {
  create(
    "let running = 0; export const handler = async ({ n }) => { if (running++ > 0) throw new Error('two at once'); running--; return n; };",
  );
  const numbers = Array.from({ length: 2000 }, (_, n) => n);
  const results = await Promise.all(numbers.map((n) => lambda.invoke(JSON.stringify({ n }), "").result));
  expect(results).toEqual(numbers.map((n) => ({ ok: true, json: String(n) })));
});

/**
 * A handler that tells when it begins, and with `{ "held": true }` ends when it is released.
 * Threads share the channel.
 */
const gated = (value = "event.id") => `
  export const handler = async (event) => {
    const channel = new BroadcastChannel(event.channel);
    const released = new Promise((resolve) => { channel.onmessage = resolve; });
    channel.postMessage("begun");
    if (event.held) await released;
    channel.close();
    return ${value};
  };`;
function hold(id: string) {
  const channel = new BroadcastChannel(`${folder}/${id}`);
  const begun = new Promise((resolve) => {
    channel.onmessage = resolve;
  });
  const { result } = lambda.invoke(JSON.stringify({ id, held: true, channel: channel.name }), "");
  const release = () => {
    channel.postMessage("released");
    channel.close();
    return result;
  };
  return { begun, result, release };
}
const pass = (id: string) => lambda.invoke(JSON.stringify({ id, channel: `${folder}/${id}` }), "").result;

it("does not let invocations wait behind one that takes its time", async () => {
  create(gated());
  const slow = hold("slow");
  await slow.begun;
  expect(await Promise.all([pass("a"), pass("b")])).toEqual([
    { ok: true, json: '"a"' },
    { ok: true, json: '"b"' },
  ]);
  expect(await slow.release()).toEqual({ ok: true, json: '"slow"' });
});

it("does not let invocations wait behind a loop either, and runs none twice", async () => {
  const file = path.join(folder, "end");
  create(
    `import { existsSync } from "node:fs";
     export const handler = async ({ id }) => { console.log("id " + id); while (id === "slow" && !existsSync(${JSON.stringify(file)})); };`,
    { timeoutMs: 60_000 },
  );
  const slow = lambda.invoke('{"id":"slow"}', "").result;
  const ids = Array.from({ length: 7 }, (_, n) => `other-${n}`);
  await Promise.all(ids.map((id) => lambda.invoke(JSON.stringify({ id }), "").result));
  writeFileSync(file, "");
  await slow;
  expect(
    logs()
      .match(/id (slow|other-\d)/g)
      ?.sort(),
  ).toEqual([...ids, "slow"].map((id) => `id ${id}`));
});

it("has no more environments than it may", async () => {
  create(
    "export const handler = async () => { await new Promise((r) => setTimeout(r, 50)); };",
    {},
    { maxEnvironments: 2 },
  );
  await Promise.all(Array.from({ length: 10 }, invoke));
  expect(started).toBe(2);
});

it("never runs an invocation that was withdrawn before it began", async () => {
  create(`let runs = 0;${gated("++runs")}`, {}, { maxEnvironments: 1 });
  const first = hold("first");
  await first.begun;
  const late = lambda.invoke(JSON.stringify({ id: "late", channel: `${folder}/late` }), "");
  const next = pass("next");
  late.withdraw();
  await first.release();
  expect(await next).toEqual({ ok: true, json: "2" });
  late.withdraw();
  expect(await pass("last")).toEqual({ ok: true, json: "3" });
});

it("fails what has begun in an environment that crashes, and nothing else", async () => {
  create("export const handler = async ({ n, exit }) => { if (exit) process.exit(1); return n; };");
  const events = Array.from({ length: 8 }, (_, n) => ({ n, exit: n === 3 }));
  const results = await Promise.all(events.map((event) => lambda.invoke(JSON.stringify(event), "").result));
  expect(results.map((result) => (result.ok ? result.json : result.errorType))).toEqual([
    "0",
    "1",
    "2",
    "Runtime.ExitError",
    "4",
    "5",
    "6",
    "7",
  ]);
});

// aws/aws-lambda-base-images#392: the response of nodejs22.x has been sent when the runtime finds the rejection.
it.each([
  ["a rejection", "void (async () => { throw new Error('nobody awaits me'); })();"],
  ["an exception", "setImmediate(() => { throw new Error('nobody catches me'); });"],
  ["an exit", "setImmediate(() => process.exit(1));"],
])("does not fail a request for %s that another one has left behind", async (_title, left) => {
  create(`export const handler = async () => { ${left} return 1; };`, { runtime: "nodejs22.x" });
  const results = await Promise.all(Array.from({ length: 6 }, invoke));
  expect(results).toEqual(Array(6).fill({ ok: true, json: "1" }));
});

it("moves an invocation away from an environment that another one has left in a loop", async () => {
  create(
    `let n = 0;
     export const handler = ({ loop }, context, callback) => {
       context.callbackWaitsForEmptyEventLoop = false;
       callback(null, ++n);
       while (loop);
     };`,
    { runtime: "nodejs22.x", timeoutMs: 1000 },
  );
  const results = [await lambda.invoke('{"loop":true}', "").result, await invoke()];
  expect(results).toEqual(Array(2).fill({ ok: true, json: "1" }));
});

// A result that is sent in the moment of the timeout counts or does not, but for its answer and its record alike.
it("stays whole when functions end at their timeout", async () => {
  create(
    "export const handler = async ({ ms }) => { const end = performance.now() + ms; while (performance.now() < end); };",
    { timeoutMs: 40 },
  );
  for (let ms = 38.5; ms < 41.5; ms += 0.25) {
    const { requestId, result } = lambda.invoke(JSON.stringify({ ms }), "");
    const outcome = await result;
    const reports = logs()
      .split("\n")
      .filter((line) => line.includes("platform.report") && line.includes(requestId));
    expect(reports.map((line) => JSON.parse(line).message.record.status)).toEqual([outcome.ok ? "success" : "timeout"]);
  }
  await lambda.stop();
});

it("takes no reports from the function's own code", async () => {
  create(`
    import * as threads from "node:worker_threads";
    export const handler = async () => {
      for (const message of [null, 1, { type: "ready" }, { type: "result", sequence: 1, json: "forged" }])
        threads.parentPort?.postMessage(message);
      return Object.keys(threads.workerData ?? {});
    };`);
  expect([await invoke(), await invoke()]).toEqual(Array(2).fill({ ok: true, json: "[]" }));
});

it("runs what waits on the new code when the code has changed", async () => {
  create(gated('"old"'), {}, { maxEnvironments: 1 });
  const running = hold("running");
  await running.begun;
  const waiting = Array.from({ length: 5 }, invoke);
  lambda.replaceBundle(bundle("second", "export const handler = async () => 'new';"));
  expect(await Promise.all(waiting)).toEqual(Array(5).fill({ ok: true, json: '"new"' }));
  expect(await running.release()).toEqual({ ok: true, json: '"old"' });
});

it("runs what waits on the new code when the code changes during init", async () => {
  create("await new Promise(() => setInterval(() => {}, 1000)); export const handler = async () => 'old';");
  const waiting = invoke();
  expect(started).toBe(1);
  lambda.replaceBundle(bundle("second", "export const handler = async () => 'new';"));
  expect(await waiting).toEqual({ ok: true, json: '"new"' });
});

it("starts cold after a crash", async () => {
  create("let n = 0; export const handler = async () => { if (++n === 2) process.exit(1); return n; };");
  expect([await invoke(), await invoke(), await invoke()]).toMatchObject([
    { json: "1" },
    { errorType: "Runtime.ExitError" },
    { json: "1" },
  ]);
  expect(started).toBe(2);
});

it("goes on with a queue when an environment is lost", async () => {
  create("export const handler = async () => process.exit(1);");
  const results = await Promise.all(Array.from({ length: 5 }, invoke));
  expect(results.map((result) => result.ok)).toEqual(Array(5).fill(false));
});

it("runs a new bundle from the next invocation on, and lets the old one finish", async () => {
  create('export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return "old"; };');
  const running = invoke();
  await Promise.resolve();
  lambda.replaceBundle(bundle("second", 'export const handler = async () => "new";'));
  expect([await invoke(), await running]).toEqual([{ ok: true, json: '"new"' }, expect.objectContaining({ ok: true })]);
  expect(await invoke()).toEqual({ ok: true, json: '"new"' });
});

it("lets invocations wait for a first bundle", async () => {
  create("");
  const waiting = invoke();
  lambda.replaceBundle(bundle("late", counter));
  expect(await waiting).toEqual({ ok: true, json: "1" });
});

it("fails what waits for a bundle that cannot be built, and works once there is one", async () => {
  create("");
  const waiting = invoke();
  lambda.failBundle("a.ts:1:1: unexpected end");
  const failed = { ok: false, errorType: "Runtime.ImportModuleError", errorMessage: "a.ts:1:1: unexpected end" };
  expect([await waiting, await invoke()]).toEqual([failed, failed]);
  lambda.replaceBundle(bundle("mended", counter));
  expect(await invoke()).toEqual({ ok: true, json: "1" });
});

it("goes on with the last good bundle when a new one cannot be built", async () => {
  create(counter);
  lambda.failBundle("a.ts:1:1: unexpected end");
  expect(await invoke()).toEqual({ ok: true, json: "1" });
});

it("asks for a bundle whose file somebody has deleted", async () => {
  create(counter);
  rmSync(path.join(folder, "first.mjs"));
  const waiting = invoke();
  expect(gone).toBe(1);
  lambda.replaceBundle(bundle("again", counter));
  expect(await waiting).toEqual({ ok: true, json: "1" });
});

it("fails one invocation with an init that fails", async () => {
  const file = path.join(folder, "mended");
  create(`
    import { existsSync, writeFileSync } from "node:fs";
    if (!existsSync(${JSON.stringify(file)})) { writeFileSync(${JSON.stringify(file)}, ""); throw new RangeError("early"); }
    export const handler = async () => 1;`);
  const results = await Promise.all([invoke(), invoke(), invoke()]);
  expect(results).toEqual([
    { ok: false, errorType: "RangeError", errorMessage: "early" },
    { ok: true, json: "1" },
    { ok: true, json: "1" },
  ]);
});

it("fails an invocation when environments exit before it, and starts no more than one for each", async () => {
  create("setImmediate(() => setImmediate(() => process.exit(1))); export const handler = async () => 1;", {
    runtime: "nodejs22.x",
  });
  await Promise.all([invoke(), invoke(), invoke()]);
  expect(started).toBeLessThanOrEqual(3);
});

it("fails one invocation when no environment can be started", async () => {
  const open = vi.fn(() => ({ name: "stream", file: path.join(folder, "stream.ndjson") }));
  open.mockImplementationOnce(() => {
    throw new Error("ENOSPC: no space left on device, mkdir");
  });
  const onNotice = vi.fn();
  lambda = createFunction(fixtureConfig, open, () => {}, { onNotice });
  lambda.replaceBundle(bundle("first", counter));
  const errorMessage = "ENOSPC: no space left on device, mkdir";
  expect(await Promise.all([invoke(), invoke()])).toEqual([
    { ok: false, errorType: "Runtime.ExitError", errorMessage },
    { ok: true, json: "1" },
  ]);
  expect(onNotice.mock.calls).toEqual([[expect.stringContaining(errorMessage)]]);
});

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib: "Lambda retries the
// Init phase at the time of the first function invocation with the configured function timeout."
describe("an init that takes too long", () => {
  const hang = "await new Promise(() => setInterval(() => {}, 1000));";

  it("is tried again as a part of the invocation", async () => {
    create(
      `if (process.env.AWS_LAMBDA_LOG_STREAM_NAME === "stream-1") ${hang} export const handler = async () => 1;`,
      { logFormat: "Text", timeoutMs: 20_000 },
      { initLimitMs: 300 },
    );
    expect([await invoke(), await invoke()]).toEqual(Array(2).fill({ ok: true, json: "1" }));
    expect(logs()).toMatch(/INIT_REPORT Init Duration: 300\.00 ms\\tPhase: init\\tStatus: timeout"/);
    expect(logs()).toMatch(/INIT_REPORT Init Duration: \d+\.\d\d ms\\tPhase: invoke\\tStatus: success"/);
    expect(logs()).not.toMatch(/REPORT RequestId.*Init Duration/);
  });

  it("times out with the function's own timeout the second time", async () => {
    create(`${hang} export const handler = async () => 1;`, { timeoutMs: 200 }, { initLimitMs: 100 });
    expect(await invoke()).toMatchObject({ ok: false, errorType: "Sandbox.Timedout" });
    expect(started).toBe(2);
  });
});

it("stops environments that run nothing for long", async () => {
  create(counter, {}, { idleLimitMs: 10 });
  expect(await invoke()).toEqual({ ok: true, json: "1" });
  await expect
    .poll(async () => [await invoke(), started > 1], { interval: 200 })
    .toEqual([{ ok: true, json: "1" }, true]);
});

it("answers when its log cannot be written, and says so once for each environment", async () => {
  const onNotice = vi.fn();
  lambda = createFunction(
    fixtureConfig,
    () => ({ name: "stream", file: "/dev/full" }),
    () => {},
    { onNotice },
  );
  lambda.replaceBundle(
    bundle(
      "first",
      "export const handler = async ({ exit }) => { console.log('a'); if (exit) process.exit(1); return 1; };",
    ),
  );
  expect([await invoke(), await invoke()]).toEqual(Array(2).fill({ ok: true, json: "1" }));
  const notice = 'function "Fixture-dev": log stream /dev/full: ENOSPC: no space left on device, write';
  expect(onNotice.mock.calls).toEqual([[notice]]);
  expect(await lambda.invoke('{"exit":true}', "").result).toMatchObject({ errorType: "Runtime.ExitError" });
  expect(onNotice.mock.calls).toEqual([[notice], [notice]]);
});

describe("stop", () => {
  it("lets what runs and what waits come to its end", async () => {
    create("export const handler = async () => { await new Promise((r) => setTimeout(r, 50)); return 1; };");
    const results = Array.from({ length: 20 }, invoke);
    await lambda.stop(60_000);
    expect(await Promise.all(results)).toEqual(Array(20).fill({ ok: true, json: "1" }));
  });

  it.each([
    ["a promise that is never settled", "await new Promise(() => setInterval(() => {}, 1000));"],
    ["a loop", "for (;;);"],
  ])("ends after the grace it is given: %s", async (_title, body) => {
    create(`${gated().replace("await released", body)}`, { timeoutMs: 60_000 }, { maxEnvironments: 1 });
    const running = hold("running");
    const waiting = invoke();
    await running.begun;
    await lambda.stop(0);
    expect([await running.result, await waiting]).toMatchObject([{ ok: false }, { ok: false }]);
  });

  it("ends while invocations wait for a bundle", async () => {
    create("");
    const waiting = invoke();
    await lambda.stop(0);
    expect(await waiting).toMatchObject({ ok: false });
    expect(await invoke()).toMatchObject({ ok: false });
  });
});
