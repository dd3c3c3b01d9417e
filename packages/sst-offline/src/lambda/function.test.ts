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

it("reuses a warm environment", async () => {
  create(counter);
  expect([await invoke(), await invoke()]).toEqual([
    { ok: true, json: "1" },
    { ok: true, json: "2" },
  ]);
  expect(started).toBe(1);
});

it("gives each invocation a different request id, a UUID", () => {
  create(counter);
  const [a, b] = [lambda.invoke("{}", ""), lambda.invoke("{}", "")];
  expect(a.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(a.requestId).not.toBe(b.requestId);
});

// One request at a time in each environment:
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
it("runs one invocation at a time in an environment, and slow ones in parallel environments", async () => {
  create(
    "let running = 0; export const handler = async () => { const n = ++running; await new Promise((r) => " +
      "setTimeout(r, 100)); running--; return n; };",
  );
  const results = await Promise.all(Array.from({ length: 6 }, invoke));
  expect(results).toEqual(Array(6).fill({ ok: true, json: "1" }));
  expect(started).toBeGreaterThan(1);
  expect(started).toBeLessThanOrEqual(MAX_ENVIRONMENTS);
});

it("returns each result to its own invocation", async () => {
  create(
    "let running = 0; export const handler = async ({ n }) => { if (running++ > 0) throw new Error('two at " +
      "once'); running--; return n; };",
  );
  const numbers = Array.from({ length: 2000 }, (_, n) => n);
  const results = await Promise.all(numbers.map((n) => lambda.invoke(JSON.stringify({ n }), "").result));
  expect(results).toEqual(numbers.map((n) => ({ ok: true, json: String(n) })));
});

/**
 * A handler that reports when it begins. With `{ "held": true }` it ends when it is released. All
 * threads share the channel.
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

it("does not let invocations wait for a slow one", async () => {
  create(gated());
  const slow = hold("slow");
  await slow.begun;
  expect(await Promise.all([pass("a"), pass("b")])).toEqual([
    { ok: true, json: '"a"' },
    { ok: true, json: '"b"' },
  ]);
  expect(await slow.release()).toEqual({ ok: true, json: '"slow"' });
});

it("does not let invocations wait for an endless loop, and runs none twice", async () => {
  const file = path.join(folder, "end");
  create(
    `import { existsSync } from "node:fs";
     export const handler = async ({ id }) => {
       console.log("id " + id);
       while (id === "slow" && !existsSync(${JSON.stringify(file)}));
     };`,
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

it("never has more than the maximum of environments", async () => {
  create(
    "export const handler = async () => { await new Promise((r) => setTimeout(r, 50)); };",
    {},
    { maxEnvironments: 2 },
  );
  await Promise.all(Array.from({ length: 10 }, invoke));
  expect(started).toBe(2);
});

it("never runs an invocation that was withdrawn before its start", async () => {
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

it("fails only the started invocation of an environment that crashes", async () => {
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

// aws/aws-lambda-base-images#392: nodejs22.x has sent the response before it finds the rejection.
it.each([
  ["a rejection", "void (async () => { throw new Error('nobody awaits me'); })();"],
  ["an exception", "setImmediate(() => { throw new Error('nobody catches me'); });"],
  ["an exit", "setImmediate(() => process.exit(1));"],
])("does not fail an invocation because of %s of the previous one", async (_title, left) => {
  create(`export const handler = async () => { ${left} return 1; };`, { runtime: "nodejs22.x" });
  const results = await Promise.all(Array.from({ length: 6 }, invoke));
  expect(results).toEqual(Array(6).fill({ ok: true, json: "1" }));
});

it("moves an invocation away from an environment that the previous one left in a loop", async () => {
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

// A result at the moment of the timeout may count or not, but result and record must agree.
it("stays consistent when functions end exactly at their timeout", async () => {
  create(
    "export const handler = async ({ ms }) => { const end = performance.now() + ms; while (performance.now() < " +
      "end); };",
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

it("ignores reports that the function's code sends", async () => {
  create(`
    import * as threads from "node:worker_threads";
    export const handler = async () => {
      for (const message of [null, 1, { type: "ready" }, { type: "result", sequence: 1, json: "forged" }])
        threads.parentPort?.postMessage(message);
      return Object.keys(threads.workerData ?? {});
    };`);
  expect([await invoke(), await invoke()]).toEqual(Array(2).fill({ ok: true, json: "[]" }));
});

it("runs waiting invocations with the new code", async () => {
  create(gated('"old"'), {}, { maxEnvironments: 1 });
  const running = hold("running");
  await running.begun;
  const waiting = Array.from({ length: 5 }, invoke);
  lambda.replaceBundle(bundle("second", "export const handler = async () => 'new';"));
  expect(await Promise.all(waiting)).toEqual(Array(5).fill({ ok: true, json: '"new"' }));
  expect(await running.release()).toEqual({ ok: true, json: '"old"' });
});

it("runs waiting invocations with the new code if it changes during init", async () => {
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

it("continues with the queue after the loss of an environment", async () => {
  create("export const handler = async () => process.exit(1);");
  const results = await Promise.all(Array.from({ length: 5 }, invoke));
  expect(results.map((result) => result.ok)).toEqual(Array(5).fill(false));
});

it("runs later invocations with a new bundle, and lets running ones finish with the old one", async () => {
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

it("fails waiting invocations if the build fails, and works after a successful build", async () => {
  create("");
  const waiting = invoke();
  lambda.failBundle("a.ts:1:1: unexpected end");
  const failed = { ok: false, errorType: "Runtime.ImportModuleError", errorMessage: "a.ts:1:1: unexpected end" };
  expect([await waiting, await invoke()]).toEqual([failed, failed]);
  lambda.replaceBundle(bundle("mended", counter));
  expect(await invoke()).toEqual({ ok: true, json: "1" });
});

it("keeps the last good bundle when a build fails", async () => {
  create(counter);
  lambda.failBundle("a.ts:1:1: unexpected end");
  expect(await invoke()).toEqual({ ok: true, json: "1" });
});

it("requests a build if the bundle's file was deleted", async () => {
  create(counter);
  rmSync(path.join(folder, "first.mjs"));
  const waiting = invoke();
  expect(gone).toBe(1);
  lambda.replaceBundle(bundle("again", counter));
  expect(await waiting).toEqual({ ok: true, json: "1" });
});

it("fails one invocation for a failed init", async () => {
  const file = path.join(folder, "mended");
  create(`
    import { existsSync, writeFileSync } from "node:fs";
    if (!existsSync(${JSON.stringify(file)})) {
      writeFileSync(${JSON.stringify(file)}, "");
      throw new RangeError("early");
    }
    export const handler = async () => 1;`);
  const results = await Promise.all([invoke(), invoke(), invoke()]);
  expect(results).toEqual([
    { ok: false, errorType: "RangeError", errorMessage: "early" },
    { ok: true, json: "1" },
    { ok: true, json: "1" },
  ]);
});

it(
  "fails an invocation whose environment exits before its start, and starts only one environment for " + "each",
  async () => {
    create("setImmediate(() => setImmediate(() => process.exit(1))); export const handler = async () => 1;", {
      runtime: "nodejs22.x",
    });
    await Promise.all([invoke(), invoke(), invoke()]);
    expect(started).toBeLessThanOrEqual(3);
  },
);

it("fails one invocation if no environment can be started", async () => {
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

// "Lambda retries the Init phase at the time of the first function invocation with the configured
// function timeout."
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
describe("an init that takes too long", () => {
  const hang = "await new Promise(() => setInterval(() => {}, 1000));";

  it("runs again as part of the invocation", async () => {
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

  it("times out with the function's timeout at the second try", async () => {
    create(`${hang} export const handler = async () => 1;`, { timeoutMs: 200 }, { initLimitMs: 100 });
    expect(await invoke()).toMatchObject({ ok: false, errorType: "Sandbox.Timedout" });
    expect(started).toBe(2);
  });
});

it("stops environments after a long idle time", async () => {
  create(counter, {}, { idleLimitMs: 10 });
  expect(await invoke()).toEqual({ ok: true, json: "1" });
  await expect
    .poll(async () => [await invoke(), started > 1], { interval: 200 })
    .toEqual([{ ok: true, json: "1" }, true]);
});

it("returns results although its log cannot be written, and reports that once per environment", async () => {
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
  it("lets running and waiting invocations finish", async () => {
    create("export const handler = async () => { await new Promise((r) => setTimeout(r, 50)); return 1; };");
    const results = Array.from({ length: 20 }, invoke);
    await lambda.stop(60_000);
    expect(await Promise.all(results)).toEqual(Array(20).fill({ ok: true, json: "1" }));
  });

  it.each([
    ["a promise that never settles", "await new Promise(() => setInterval(() => {}, 1000));"],
    ["a loop", "for (;;);"],
  ])("ends after the grace time: %s", async (_title, body) => {
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
