import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { fixtureConfig } from "../../test/function-config";
import { type Environment, type Invocation, type InvocationResult, startEnvironment } from "./environment";
import type { FunctionConfig } from "./function-config";

const config = { ...fixtureConfig, variables: { TABLE_NAME: "events" } };

const request = {
  requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  event: '{"a":1}',
  traceId: "Root=1-5e9f0c65-1de4d666d4dd26aced652b6c",
};

let folder: string;
let environments: Environment[];
let gone: number;
let waiting: Map<Environment, Invocation>;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "environment-"));
  environments = [];
  waiting = new Map();
  gone = 0;
});
afterEach(async () => {
  await Promise.all(environments.map((environment) => environment.terminate()));
  rmSync(folder, { recursive: true });
});

function start(source: string, changes: Partial<FunctionConfig> = {}): Environment {
  const bundle = path.join(folder, "bundle.mjs");
  writeFileSync(bundle, source);
  const stream = { name: "2026/11/23/[$LATEST]00", file: path.join(folder, "log.ndjson") };
  const take = () => {
    const invocation = waiting.get(environment);
    waiting.delete(environment);
    return invocation;
  };
  const environment: Environment = startEnvironment(
    { ...config, ...changes },
    { bundle, stream, initLimitMs: 10_000 },
    {
      idle: () => runWaiting(environment),
      initFailed: take,
      initTimedOut: () => {},
      gone: () => gone++,
      notice: () => {},
    },
  );
  environments.push(environment);
  return environment;
}
function runWaiting(environment: Environment): void {
  const invocation = waiting.get(environment);
  if (invocation === undefined || environment.state !== "idle") return;
  waiting.delete(environment);
  environment.run(invocation);
}
const invoke = (environment: Environment) =>
  new Promise<InvocationResult>((resolve) => {
    waiting.set(environment, { ...request, resolve });
    runWaiting(environment);
  });
const run = (body: string, changes: Partial<FunctionConfig> = {}) =>
  invoke(start(`export const handler = async (event, context) => { ${body} };`, changes));

// biome-ignore lint/suspicious/noExplicitAny: log records have any shape
type LogEvent = { timestamp: number; message: any };
function log(): LogEvent[] {
  const lines = readFileSync(path.join(folder, "log.ndjson"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as LogEvent);
}
/** Records of the function and its runtime, without Lambda's. */
const records = () =>
  log()
    .filter(({ message }) => message.type === undefined)
    .map(({ message }) => message);
const platform = () =>
  log()
    .filter(({ message }) => message.type !== undefined)
    .map(({ message }) => message);

describe("an execution environment", () => {
  it("runs the handler with the event and returns JSON", async () => {
    expect(await run("return { event, n: undefined, d: new Date(0) };")).toEqual({
      ok: true,
      json: '{"event":{"a":1},"d":"1970-01-01T00:00:00.000Z"}',
    });
  });

  it("returns the value of a handler that is not async", async () => {
    expect(await invoke(start("export const handler = () => 42;"))).toEqual({ ok: true, json: "42" });
  });

  it("returns null for undefined", async () => {
    expect(await run("")).toEqual({ ok: true, json: "null" });
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
  it("gives the handler the context", async () => {
    const result = await run("return { ...context, left: context.getRemainingTimeInMillis() };");
    const context = JSON.parse(result.ok ? result.json : "{}");
    expect(context).toMatchObject({
      functionName: "Fixture-dev",
      functionVersion: "$LATEST",
      memoryLimitInMB: "128",
      logGroupName: "/aws/lambda/Fixture-dev",
      logStreamName: "2026/11/23/[$LATEST]00",
      invokedFunctionArn: config.arn,
      awsRequestId: request.requestId,
    });
    expect(context.left).toBeGreaterThan(2000);
    expect(context.left).toBeLessThanOrEqual(3000);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  it("has the declared and Lambda's variables, and none of this process", async () => {
    process.env.SECRET_OF_THE_DEVELOPER = "hunter2";
    const result = await run("return process.env;");
    delete process.env.SECRET_OF_THE_DEVELOPER;
    const variables = JSON.parse(result.ok ? result.json : "{}");
    expect(variables).toEqual({
      _HANDLER: "bundle.handler",
      _X_AMZN_TRACE_ID: request.traceId,
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_LAMBDA_FUNCTION_NAME: "Fixture-dev",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_FORMAT: "JSON",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/Fixture-dev",
      AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/23/[$LATEST]00",
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_REGION: "eu-west-1",
      AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
      AWS_XRAY_DAEMON_ADDRESS: expect.stringMatching(/:2000$/),
      LAMBDA_RUNTIME_DIR: "/var/runtime",
      LAMBDA_TASK_ROOT: folder,
      LANG: "en_US.UTF-8",
      LD_LIBRARY_PATH: expect.stringMatching(/^\/var\/lang\/lib:.*:\/opt\/lib$/),
      NODE_PATH: expect.stringMatching(/^\/opt\/nodejs\/node24\/node_modules:/),
      PATH: expect.any(String),
      TABLE_NAME: "events",
      TZ: ":UTC",
    });
  });

  it("ignores declared values of reserved variables", async () => {
    const variables = { AWS_LAMBDA_FUNCTION_NAME: "other", _HANDLER: "x.y", AWS_ACCESS_KEY_ID: "x", TZ: "Asia/Tokyo" };
    const result = await run("return process.env;", { variables, aws: { AWS_ACCESS_KEY_ID: "own" } });
    expect(JSON.parse(result.ok ? result.json : "{}")).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: "Fixture-dev",
      _HANDLER: "bundle.handler",
      AWS_ACCESS_KEY_ID: "own",
      TZ: "Asia/Tokyo",
    });
  });

  it("keeps the bundle's state between invocations", async () => {
    const environment = start("let n = 0; export const handler = async () => ++n;");
    const results = [await invoke(environment), await invoke(environment)];
    expect(results).toEqual([
      { ok: true, json: "1" },
      { ok: true, json: "2" },
    ]);
    expect([environment.state, gone]).toEqual(["idle", 0]);
  });

  // The Telemetry API's schema: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
  it("writes START and REPORT, with the cold start only in the first REPORT", async () => {
    const startedAt = performance.now();
    const environment = start("export const handler = async () => 1;");
    await invoke(environment);
    await invoke(environment);
    const metrics = {
      durationMs: expect.any(Number),
      billedDurationMs: expect.any(Number),
      memorySizeMB: 128,
      maxMemoryUsedMB: expect.any(Number),
    };
    const report = (initMs: object) => ({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      type: "platform.report",
      record: { requestId: request.requestId, metrics: { ...metrics, ...initMs }, status: "success" },
    });
    const startRecord = { type: "platform.start", record: { requestId: request.requestId, version: "$LATEST" } };
    const [first, second, third, fourth] = platform();
    expect(first).toMatchObject(startRecord);
    expect(second).toEqual(report({ initDurationMs: expect.any(Number) }));
    expect(third).toMatchObject(startRecord);
    expect(fourth).toEqual(report({}));
    const elapsedMs = performance.now() - startedAt; // a worker's own clock counts from the start of the process
    expect(second.record.metrics.initDurationMs).toBeLessThan(elapsedMs);
  });
});

// aws/aws-lambda-nodejs-runtime-interface-client, src/LogPatch.
describe("the console", () => {
  it.each([
    ["trace", "TRACE"],
    ["debug", "DEBUG"],
    ["info", "INFO"],
    ["log", "INFO"],
    ["warn", "WARN"],
    ["error", "ERROR"],
    ["fatal", "FATAL"],
  ])("%s writes a record of level %s", async (method, level) => {
    await run(`console.${method}("a %s", "b");`);
    expect(records()).toEqual([{ timestamp: expect.any(String), level, requestId: request.requestId, message: "a b" }]);
  });

  it.each<[string, unknown]>([
    ['{ user: "ada", n: 1 }', { user: "ada", n: 1 }],
    ["42", 42],
    ["null", null],
    ['"two\\nlines \\" \\\\ 😀"', 'two\nlines " \\ 😀'],
    ["10n", "10n"],
    ["(() => { const a = {}; a.a = a; return a; })()", "<ref *1> { a: [Circular *1] }"],
  ])("keeps the type of a single argument: %s", async (argument, message) => {
    await run(`console.log(${argument});`);
    expect(records()[0].message).toEqual(message);
  });

  it("writes type, message and stack of an error", async () => {
    await run(
      'console.error(Object.assign(new TypeError("no"), { code: "E1" })); console.error("failed:", new ' +
        'RangeError("far"));',
    );
    const stackTrace = expect.arrayContaining([expect.stringMatching(/^\s+at /)]);
    expect(records()[0].message).toEqual({ errorType: "TypeError", errorMessage: "no", code: "E1", stackTrace });
    expect(records()[1]).toMatchObject({ errorType: "RangeError", errorMessage: "far", stackTrace });
    expect(records()[1].message).toMatch(/^failed: RangeError: far/);
  });

  it("writes text if the function's log format is text", async () => {
    await run('console.warn("a", { b: 1 });', { logFormat: "Text" });
    const [begin, record, end, report] = log().map(({ message }) => message);
    expect(begin).toBe(`START RequestId: ${request.requestId} Version: $LATEST`);
    expect(record).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\t${request.requestId}\\tWARN\\ta { b: 1 }$`));
    expect(end).toBe(`END RequestId: ${request.requestId}`);
    expect(report.split("\t")).toEqual([
      expect.stringMatching(/^REPORT RequestId: \S+$/),
      expect.stringMatching(/^Duration: \d+\.\d\d ms$/),
      expect.stringMatching(/^Billed Duration: \d+ ms$/),
      "Memory Size: 128 MB",
      expect.stringMatching(/^Max Memory Used: \d+ MB$/),
      expect.stringMatching(/^Init Duration: \d+\.\d\d ms$/),
      "",
    ]);
  });

  it("writes a record for each line of the standard streams", async () => {
    await run('process.stdout.write("one\\ntw"); process.stdout.write("o\\n"); process.stderr.write("three\\n");');
    expect(records()).toEqual(["one", "two", "three"]);
  });

  // Metrics in the Embedded Metric Format have to be the whole log event:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
  it("does not wrap a line of standard output that is JSON", async () => {
    const line = JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [] }, Denied: 1 });
    await run(`process.stdout.write(${JSON.stringify(`${line}\n`)});`);
    expect(records()).toEqual([line]);
  });
});

// Error types: aws/aws-lambda-nodejs-runtime-interface-client, src/Errors, UserFunction and
// index.mjs.
describe("a failing function", () => {
  it("that rejects stays warm", async () => {
    const result = await run('throw Object.assign(new TypeError("no such thing"), { code: "E1" });');
    expect(result).toMatchObject({ ok: false, errorType: "TypeError", errorMessage: "no such thing" });
    expect(records()[0]).toMatchObject({
      level: "ERROR",
      message: { errorType: "TypeError", errorMessage: "no such thing", code: "E1" },
    });
    expect(platform().at(-1).record).toMatchObject({ status: "error", errorType: "TypeError" });
    expect(environments[0]?.state).toBe("idle");
  });

  // aws-lambda-ric 4 has no handlers for these. Node.js prints the error and exits with status 1.
  it.each<[string, string, string, string[]]>([
    [
      "throws outside its promise",
      'setImmediate(() => { throw new RangeError("far"); }); await new Promise(() => {});',
      "Runtime exited with error: exit status 1",
      ["RangeError: far"],
    ],
    [
      "leaves a rejection unhandled",
      'Promise.reject(new Error("left")); await new Promise((r) => setTimeout(r, 500));',
      "Runtime exited with error: exit status 1",
      ["Error: left"],
    ],
    ["exits", "process.exit(3);", "Runtime exited with error: exit status 3", []],
    ["can never settle its promise", "await new Promise(() => {});", "Runtime exited without providing a reason", []],
  ])("that %s loses its environment", async (_title, body, errorMessage, lines) => {
    const errorType = "Runtime.ExitError";
    expect(await run(body)).toEqual({ ok: false, errorType, errorMessage });
    expect([environments[0]?.state, gone]).toEqual(["gone", 1]);
    expect(records().slice(0, 1)).toEqual(lines);
    expect(platform().at(-1).record).toMatchObject({ requestId: request.requestId, status: "error", errorType });
  });

  // aws/aws-lambda-nodejs-runtime-interface-client, src/Errors.js and Runtime.js, August 2025.
  it("whose promise can never settle stays warm up to Node.js 22", async () => {
    const errorType = "Runtime.NodeJsExit";
    const result = await run("await new Promise(() => {});", { runtime: "nodejs22.x" });
    expect(result).toMatchObject({ ok: false, errorType });
    expect(environments[0]?.state).toBe("idle");
  });

  it("is stopped after its timeout, even in a loop", async () => {
    const start = performance.now();
    const result = await run("for (;;);", { timeoutMs: 200 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(200);
    expect(result).toEqual({
      ok: false,
      errorType: "Sandbox.Timedout",
      errorMessage: "Task timed out after 0.20 seconds",
    });
    expect([environments[0]?.state, gone]).toEqual(["gone", 1]);
    expect(platform().at(-1).record).toMatchObject({ requestId: request.requestId, status: "timeout" });
  });

  it("has one START record even if it wrote nothing before it was stopped", async () => {
    await run("for (;;);", { timeoutMs: 100 });
    expect(platform().map(({ type }) => type)).toEqual(["platform.start", "platform.report"]);
  });

  it("has START and its own records in the log when it is stopped", async () => {
    await run('console.log("last words"); for (;;);', { timeoutMs: 300 });
    expect(log().map(({ message }) => message.type ?? message.message)).toEqual([
      "platform.start",
      "last words",
      "platform.report",
    ]);
  });

  it("has the timeout in a text log", async () => {
    await run("for (;;);", { timeoutMs: 100, logFormat: "Text" });
    expect(log().map(({ message }) => message)).toContainEqual(
      expect.stringMatching(new RegExp(`Z ${request.requestId} Task timed out after 0\\.10 seconds$`)),
    );
  });

  it("that needs more heap than declared runs out of memory", async () => {
    const result = await run("const all = []; for (;;) all.push(new Array(1e5).fill({}));", {
      memorySizeMb: 64,
      timeoutMs: 20_000,
    });
    expect(result).toMatchObject({ ok: false, errorType: "Runtime.OutOfMemory" });
    expect(gone).toBe(1);
  });

  it.each<[string, string, string]>([
    ["a syntax error", "export const handler = async () => {", "Runtime.UserCodeSyntaxError"],
    ["a missing export", "export const other = 1;", "Runtime.HandlerNotFound"],
    ["an error at its top level", 'throw new RangeError("early");', "RangeError"],
    ["an exit at its top level", "process.exit(1);", "Runtime.ExitError"],
    ["a top-level promise that never settles", "await new Promise(() => {});", "Runtime.ExitError"],
  ])("with %s cannot be loaded", async (_title, source, errorType) => {
    expect(await invoke(start(source))).toMatchObject({ ok: false, errorType });
    expect(gone).toBe(1);
    expect(platform()).toMatchObject([
      { type: "platform.initReport", record: { phase: "init", status: "error", errorType } },
      { type: "platform.start" },
      { type: "platform.report", record: { status: "error", errorType } },
    ]);
  });
});
