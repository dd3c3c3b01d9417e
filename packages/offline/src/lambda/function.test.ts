import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { fixtureConfig } from "../../test/function-config";
import { createFunction, type LambdaFunction, MAX_ENVIRONMENTS } from "./function";

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
function create(source: string): void {
  const openStream = () => ({ name: `stream-${++started}`, file: path.join(folder, `stream-${started}.ndjson`) });
  lambda = createFunction(fixtureConfig, openStream, () => gone++);
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
