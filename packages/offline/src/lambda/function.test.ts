import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { fixtureConfig } from "../../test/function-config";
import { createFunction, type LambdaFunction, MAX_ENVIRONMENTS } from "./function";
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
function create(source: string, changes: Partial<FunctionConfig> = {}): void {
  const openStream = () => ({ name: `stream-${++started}`, file: path.join(folder, `stream-${started}.ndjson`) });
  lambda = createFunction({ ...fixtureConfig, ...changes }, openStream, () => gone++);
  if (source !== "") lambda.replaceBundle(bundle("first", source));
}
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
    "let running = 0; export const handler = async () => { const n = ++running; await new Promise((r) => setTimeout(r, 300)); running--; return n; };",
  );
  const results = await Promise.all(Array.from({ length: 30 }, invoke));
  expect(new Set(results.map((result) => (result.ok ? result.json : result.errorType)))).toEqual(new Set(["1"]));
  expect(started).toBeGreaterThan(1);
  expect(started).toBeLessThanOrEqual(MAX_ENVIRONMENTS);
});

// What waits in an environment is begun by it or taken back, never both: each of these is answered once, by its own number.
it("answers each of many invocations of a fast function with what it asked for", async () => {
  create(
    "let running = 0; export const handler = async ({ n }) => { if (running++ > 0) throw new Error('two at once'); running--; return n; };",
  );
  const numbers = Array.from({ length: 2000 }, (_, n) => n);
  const results = await Promise.all(numbers.map((n) => lambda.invoke(JSON.stringify({ n }), "").result));
  expect(results).toEqual(numbers.map((n) => ({ ok: true, json: String(n) })));
});

it("does not let invocations wait behind one that turns out slow", async () => {
  create(
    "export const handler = async ({ ms }) => { if (ms) await new Promise((r) => setTimeout(r, ms)); return ms; };",
  );
  for (let n = 0; n < 20; n++) await lambda.invoke('{"ms":0}', "").result; // fast, so far
  const start = performance.now();
  const slow = lambda.invoke('{"ms":2000}', "").result;
  await Promise.all(Array.from({ length: 7 }, () => lambda.invoke('{"ms":0}', "").result));
  expect(performance.now() - start).toBeLessThan(1500);
  expect(await slow).toEqual({ ok: true, json: "2000" });
});

it("does not let invocations wait behind a loop either, and runs none twice", async () => {
  create(
    "export const handler = async ({ id, ms }) => { console.log(`id ${id}`); const end = Date.now() + ms; while (Date.now() < end); };",
  );
  for (let n = 0; n < 20; n++) await lambda.invoke('{"id":"warm","ms":0}', "").result;
  const start = performance.now();
  const slow = lambda.invoke('{"id":"slow","ms":2000}', "").result;
  const ids = Array.from({ length: 7 }, (_, n) => `other-${n}`);
  await Promise.all(ids.map((id) => lambda.invoke(JSON.stringify({ id, ms: 0 }), "").result));
  expect(performance.now() - start).toBeLessThan(1500);
  await slow;
  const logged = readdirSync(folder).flatMap(
    (name) => readFileSync(path.join(folder, name), "utf8").match(/id (slow|other-\d)/g) ?? [],
  );
  expect(logged.sort()).toEqual([...ids, "slow"].map((id) => `id ${id}`));
});

it("begins anew what waited in an environment that crashed, and nothing that had begun", async () => {
  create("export const handler = async ({ n, exit }) => { if (exit) process.exit(1); return n; };");
  for (let n = 0; n < 20; n++) await lambda.invoke('{"n":0}', "").result;
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

it("runs what waits on the new code when the code has changed", async () => {
  create(
    "export const handler = async ({ ms }) => { const end = Date.now() + ms; while (Date.now() < end); return 'old'; };",
  );
  for (let n = 0; n < 20; n++) await lambda.invoke('{"ms":0}', "").result;
  const running = lambda.invoke('{"ms":300}', "").result;
  await new Promise((resolve) => setTimeout(resolve, 50)); // it has begun
  const waiting = Array.from({ length: 5 }, () => lambda.invoke('{"ms":0}', "").result);
  lambda.replaceBundle(bundle("second", "export const handler = async () => 'new';"));
  expect(await Promise.all(waiting)).toEqual(Array(5).fill({ ok: true, json: '"new"' }));
  expect(await running).toEqual({ ok: true, json: '"old"' });
});

it("does not let an invocation wait for longer than the function may take", async () => {
  create("export const handler = async () => { await new Promise((r) => setTimeout(r, 700)); };", { timeoutMs: 1000 });
  const results = await Promise.all(Array.from({ length: 40 }, invoke));
  const refused = results.filter((result) => !result.ok);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(30);
  expect(refused).toEqual(
    Array(refused.length).fill({
      ok: false,
      errorType: "TooManyRequestsException",
      errorMessage: "Waited 1000 ms for one of 10 execution environments",
    }),
  );
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

it("lets what runs and what waits come to its end before it stops", async () => {
  create("export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return 1; };");
  const results = Array.from({ length: 20 }, invoke);
  await lambda.stop();
  expect(await Promise.all(results)).toEqual(Array(20).fill({ ok: true, json: "1" }));
});
