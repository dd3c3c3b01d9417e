// Runs the same handlers in AWS's runtime interface client and in ours. The client's results are
// the expected values: aws-lambda-ric 3 is the runtime of Node.js 22 and earlier, aws-lambda-ric 4
// that of Node.js 24. A stand-in replaces its native client, which sends HTTP requests to Lambda.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { cached } from "@backend/testing/cached";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fixtureConfig } from "../../test/function-config";
import { createFunction } from "./function";
import { type FunctionConfig, variablesOf } from "./function-config";

const require = createRequire(import.meta.url);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "runtime-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An outcome for each event, and the function's records without values that differ in each run. */
interface Run {
  outcomes: unknown[];
  records: unknown[];
}
type Change = Partial<FunctionConfig>;
const RUNTIMES = ["nodejs22.x", "nodejs24.x"];
const FORMATS = ["JSON", "Text"] as const;
const bundles = new Map<string, string>();

function bundleOf(source: string): string {
  const known = bundles.get(source);
  if (known !== undefined) return known;
  const file = path.join(folder, String(bundles.size), "bundle.mjs");
  mkdirSync(path.dirname(file));
  writeFileSync(file, source);
  bundles.set(source, file);
  return file;
}

async function runOurs(source: string, events: string[], change: Change) {
  const logs: string[] = [];
  const lambda = createFunction(
    { ...fixtureConfig, timeoutMs: 20_000, ...change },
    () => {
      logs.push(path.join(folder, `${Math.random()}.ndjson`));
      return { name: "stream", file: logs.at(-1) ?? "" };
    },
    () => {},
  );
  lambda.replaceBundle(bundleOf(source));
  const outcomes: unknown[] = [];
  for (const event of events) outcomes.push(await lambda.invoke(event, "Root=1-5e9f0c65").result);
  return { read, stop: () => lambda.stop() };

  function read(): Run {
    const messages = logs.flatMap((file) =>
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).message),
    );
    return { outcomes, records: recordsOf(messages) };
  }
}

/**
 * Replaces the native client: reads invocations from the environment and writes results to
 * descriptor 3.
 */
const NATIVE_CLIENT = `
const { writeSync } = require("node:fs");
const Module = require("node:module");
const events = JSON.parse(process.env.TEST_EVENTS);
const { TEST_ARN: arn, TEST_API: api } = process.env;
for (const name of ["TEST_EVENTS", "TEST_ARN", "TEST_API"]) delete process.env[name];
const report = (outcome) => writeSync(3, JSON.stringify(outcome) + "\\n");
let n = 0;
const client = {
  next: () => new Promise((resolve) => {
    // A pending request keeps the event loop alive.
    const hold = setInterval(() => {}, 1000);
    setImmediate(() => setImmediate(() => {
      clearInterval(hold);
      if (n === events.length) return process.exit(0);
      const headers = {
        "lambda-runtime-aws-request-id": "request-" + n, "lambda-runtime-invoked-function-arn": arn,
        "lambda-runtime-deadline-ms": String(Date.now() + 20000), "lambda-runtime-trace-id": "Root=1-5e9f0c65",
      };
      resolve({ bodyJson: events[n++], headers });
    }));
  }),
  // rapid-client.cc
  done(id, body) {
    if (typeof body !== "string") throw new TypeError("Wrong arguments");
    report({ id, ok: true, json: body });
  },
  error(id, body) {
    report({ id, ok: false, ...JSON.parse(body) });
  },
};
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "./rapid-client.node" ? client : load.call(this, request, ...rest);
};
`;

/** Caches the results of AWS's client, so that only a new case starts it. */
async function runTheirs(source: string, events: string[], change: Change): Promise<Run> {
  const here = fileURLToPath(import.meta.url);
  const clients = RUNTIMES.map((runtime) => path.relative(here, clientOf(runtime))); // the path has the version
  const inputs = [here, process.version, ...clients, source, JSON.stringify({ events, change })];
  const run = await cached("aws-lambda-ric", inputs, async () => {
    return JSON.stringify(await runClient(source, events, change)).replaceAll(folder, "<folder>");
  });
  return JSON.parse(run.replaceAll("<folder>", folder)) as Run;
}

function clientOf(runtime: string): string {
  return runtime === "nodejs24.x"
    ? require.resolve("aws-lambda-ric")
    : require.resolve("aws-lambda-ric-3/bin/index.mjs");
}

async function runClient(source: string, events: string[], change: Change): Promise<Run> {
  const config = { ...fixtureConfig, ...change };
  const bundle = bundleOf(source);
  const preload = path.join(folder, "native-client.cjs");
  writeFileSync(preload, NATIVE_CLIENT);
  const outcomes = new Map<string, unknown>();
  const api = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      const id = /invocation\/([^/]+)\/response/.exec(request.url ?? "")?.[1];
      const type = request.trailers["lambda-runtime-function-error-body"];
      if (id === undefined) outcomes.set("init", { ok: false, ...JSON.parse(body) });
      else if (type) outcomes.set(id, { ok: false, ...JSON.parse(Buffer.from(String(type), "base64").toString()) });
      else outcomes.set(id, { ok: true, stream: body, type: request.headers["content-type"] });
      response.end();
    });
  });
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  const address = api.address();
  const isLater = config.runtime === "nodejs24.x";
  const file = clientOf(config.runtime);
  const env = variablesOf(config, { logStream: "stream", bundle });
  const child = spawn(process.execPath, ["--require", preload, file, ...(isLater ? [] : [env._HANDLER ?? ""])], {
    cwd: env.LAMBDA_TASK_ROOT,
    env: {
      ...env,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
      TEST_EVENTS: JSON.stringify(events),
      TEST_ARN: config.arn,
    },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const texts = ["", "", ""];
  for (const [n, stream] of [child.stdout, child.stderr, child.stdio[3]].entries()) {
    stream?.on("data", (chunk) => {
      texts[n] += chunk;
    });
  }
  const [code] = (await once(child, "close")) as [number];
  api.close();
  api.closeAllConnections();
  const [stdout = "", stderr = "", reported = ""] = texts;
  for (const line of reported.split("\n").filter(Boolean)) {
    const { id, ...outcome } = JSON.parse(line);
    if (!outcomes.has(id)) outcomes.set(id, outcome); // Lambda takes the first answer
  }
  const exit = {
    ok: false,
    errorType: "Runtime.ExitError",
    errorMessage:
      code === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: exit status ${code}`,
  };
  const messages = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("Executing "));
  // Node.js prints uncaught errors. After a failed init, Lambda has ended the runtime before that.
  const printed = outcomes.has("init") ? undefined : /^ *\^+\n(.*)\nNode\.js v/ms.exec(stderr)?.[1];
  return {
    outcomes: events.map((_, n) => outcomes.get(`request-${n}`) ?? outcomes.get("init") ?? exit),
    records: recordsOf([
      ...messages.map((line) => (config.logFormat === "JSON" && line.startsWith("{") ? JSON.parse(line) : line)),
      ...(printed?.split("\n") ?? []),
    ]),
  };
}

/** Removes Lambda's own records, times, ids and stack frames. */
function recordsOf(messages: unknown[]): unknown[] {
  return messages.flatMap((message) => {
    if (typeof message === "string") {
      if (/^(START|END|REPORT|INIT_REPORT|Node\.js v|\s+at |$)/.test(message)) return [];
      const text = message.replace(/^[\d-]+T[\d:.]+Z/, "<time>").replace(/\t(request-\d+|[0-9a-f-]{36})\t/, "\t<id>\t");
      const [, head, json] = /^(.*?\t)(\{.*\})$/s.exec(text) ?? [];
      const fields = json === undefined ? undefined : parse(json);
      if (fields === undefined) return [withoutFrames(text.replaceAll("\r", "\n"))];
      return [`${head}${JSON.stringify(normalized(fields))}`];
    }
    const record = message as Record<string, unknown>;
    return "type" in record && String(record.type).startsWith("platform.") ? [] : [normalized(record)];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an object as the console writes it
  }
}

function normalized(value: unknown): unknown {
  if (typeof value === "string") return withoutFrames(value);
  if (Array.isArray(value)) return value.map(normalized).filter((line) => line !== "");
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key === "timestamp") return [key, "<time>"];
    if (key === "requestId" && inner !== "-") return [key, "<id>"];
    return [key, normalized(inner)];
  });
  return Object.fromEntries(entries);
}

function withoutFrames(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join("\n")
    .replaceAll(/file:\/\/\S+/g, "<file>");
}

const comparable = (run: Run): Run => ({
  ...run,
  outcomes: run.outcomes.map((outcome) => {
    const { trace: _, ...rest } = outcome as { trace?: unknown };
    return rest;
  }),
});

async function compare(source: string, events: string[], change: Change): Promise<Run> {
  const [ours, theirs] = await Promise.all([runOurs(source, events, change), runTheirs(source, events, change)]);
  // Records of work that an invocation left behind come after its result.
  await expect.poll(ours.read).toEqual(comparable(theirs));
  await ours.stop();
  return theirs;
}

/** Handlers that do not affect their environment, so that they run one after the other. */
const HANDLERS: Record<string, string> = {
  "returns a value": "async (event) => ({ event, n: undefined, d: new Date(0) })",
  "returns nothing": "async () => {}",
  "returns null": "async () => null",
  "returns a value with toJSON": "async () => ({ toJSON: () => ({ a: 1 }) })",
  "returns a BigInt": "async () => 10n",
  "returns a circle": "async () => { const a = {}; a.a = a; return a; }",
  "returns a function": "async () => () => 1",
  "returns a symbol": "async () => Symbol('s')",
  "returns a value whose toJSON throws": "async () => ({ toJSON() { throw new RangeError('no JSON'); } })",
  "returns undefined by toJSON": "async () => ({ toJSON() {} })",
  "returns a thenable": "() => ({ then: (resolve) => resolve('thenable') })",
  "rejects with an error": "async () => { throw Object.assign(new TypeError('no'), { code: 'E1', data: { a: 1 } }); }",
  "rejects with an error of its own class": "async () => { class NotFound extends Error {} throw new NotFound('42'); }",
  "rejects with an error that has a name":
    "async () => { class Named extends Error { name = 'Custom'; } throw new Named('42'); }",
  "rejects with a text": "async () => { throw 'boom'; }",
  "rejects with a number": "async () => { throw 42; }",
  "rejects with null": "async () => { throw null; }",
  "rejects with undefined": "async () => { throw undefined; }",
  "rejects with an object": "async () => { throw { name: 'N', message: 'm' }; }",
  "rejects with an object like an error": "async () => { throw { name: 'N', message: 'm', stack: 'N: m' }; }",
  "rejects with a cause": "async () => { throw new Error('outer', { cause: new RangeError('inner') }); }",
  "rejects with several": "async () => { throw new AggregateError([new Error('a'), new Error('b')], 'all'); }",
  "rejects with a circle": "async () => { const e = new Error('round'); e.self = e; throw e; }",
  "rejects with toJSON": "async () => { const e = new Error('json'); e.toJSON = () => ({ mine: 1 }); throw e; }",
  "rejects with a BigInt inside": "async () => { throw Object.assign(new Error('big'), { n: 1n }); }",
  "rejects with an error without a stack":
    "async () => { const e = new Error('bare'); delete e.stack; e.stack = undefined; throw e; }",
  "rejects with a DEL": "async () => { throw new Error('a\\x7Fb'); }",
  "throws at once": "() => { throw new RangeError('sync'); }",
  "throws a text at once": "() => { throw 'sync text'; }",
  "logs at each level":
    "async () => { for (const m of ['trace', 'debug', 'info', 'log', 'warn', 'error', 'fatal']) console[m]('a " +
    "%s', m); }",
  "logs nothing": "async () => { console.log(); console.log(undefined); console.log(null); console.log(''); }",
  "logs values":
    "async () => { for (const v of [42, true, { a: 1 }, [1, 2], new Date(0), new Map([[1, 2]]), Symbol('s'), " +
    "() => 1, 10n]) console.log(v); }",
  "logs several values":
    "async () => { console.log('a', { b: 1 }, [2]); console.log({ a: 1 }, 'b'); console.log('%d %j', 1, { a: 1 " +
    "}, 'rest'); }",
  "logs circles":
    "async () => { const a = {}; a.a = a; console.log(a); console.log('a', a); console.log({ deep: { n: 1n } }); }",
  "logs errors":
    "async () => { class NotFound extends Error {} console.error(new NotFound('42')); console.error('failed:', " +
    "new NotFound('43')); console.error(new Error('first'), 'text'); console.error('a', new Error('b'), new " +
    "Error('c')); console.log({ error: new TypeError('nested') }); }",
  "logs lines": "async () => { console.log('two\\nlines \" \\\\ 😀'); }",
  "logs an error without a constructor":
    "async () => { const e = new Error('x'); Object.setPrototypeOf(e, Object.create(Error.prototype, { " +
    "constructor: { value: undefined } })); console.error(e); }",
  "has a context":
    "async (event, context) => Object.fromEntries(Object.entries(context).filter(([k]) => k !== " +
    "'awsRequestId').map(([k, v]) => [k, typeof v === 'function' ? 'function' : v ?? null]).sort())",
  "has variables":
    "async () => [process.env._X_AMZN_TRACE_ID, process.env._HANDLER, process.env.LAMBDA_TASK_ROOT, process.env.TZ]",
  "has a working folder":
    "async () => { const path = process.getBuiltinModule ? process.getBuiltinModule('node:path') : p; const " +
    "first = process.cwd(); process.chdir('/'); const second = [process.cwd(), path.resolve('x')]; " +
    "process.chdir(first); return [first === process.env.LAMBDA_TASK_ROOT, second]; }",
  "leaves the folder for none":
    "async () => { try { process.chdir('none'); } catch (e) { return { ...e, path: '', name: e.name }; } }",
  "looks for threads":
    "async () => { const t = await import('node:worker_threads'); return [t.isMainThread, t.parentPort, " +
    "t.workerData]; }",
  "streams, named":
    "async () => [typeof awslambda, typeof awslambda.streamifyResponse, typeof awslambda.HttpResponseStream.from]",
};
/** Handlers of Node.js 22 and earlier. */
const CALLBACK_HANDLERS: Record<string, string> = {
  "calls back": "(event, context, callback) => callback(null, 'called')",
  "calls back later": "(event, context, callback) => void setTimeout(() => callback(null, 'later'), 5)",
  "calls back nothing": "(event, context, callback) => callback()",
  "calls back an error": "(event, context, callback) => callback(new RangeError('called'))",
  "calls back a text as an error": "(event, context, callback) => callback('text')",
  "calls back twice": "(event, context, callback) => { callback(null, 1); callback(null, 2); }",
  "calls back, and waits for the rest":
    "(event, context, callback) => { setTimeout(() => console.log('the rest'), 5); callback(null, 'first'); " +
    "console.log('called'); }",
  "calls back, and waits for nothing":
    "(event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; setImmediate(() => " +
    "console.log('the rest')); callback(null, 'first'); }",
  "calls back what JSON cannot hold, and waits for nothing":
    "(event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; callback(null, 1n); }",
  succeeds: "(event, context) => void setTimeout(() => context.succeed({ later: true }), 5)",
  fails: "(event, context) => void setTimeout(() => context.fail(new TypeError('later')), 5)",
  "fails without an error": "(event, context) => void context.fail()",
  "is done": "(event, context) => void context.done(null, 'done')",
  "is done with an error": "(event, context) => void context.done('text')",
  "succeeds and fails": "(event, context) => { context.succeed(1); context.fail(new Error('late')); }",
  "returns a value that is no promise": "() => 42",
  "returns nothing and calls nothing": "() => {}",
  "calls nothing, later": "() => { setTimeout(() => console.log('late'), 5); }",
  "throws after it has called back": "(event, context, callback) => { callback(null, 1); throw new Error('after'); }",
  "resolves and calls back": "async (event, context, callback) => { callback(null, 'called'); return 'resolved'; }",
};
/** Handlers of Node.js 24. */
const LATER_HANDLERS: Record<string, string> = {
  "returns a value that is no promise": "() => 42",
  "calls what is gone": "(event, context) => context.succeed(1)",
  "sets what is gone":
    "async (event, context) => { context.callbackWaitsForEmptyEventLoop = false; return Object.keys(context).sort(); }",
};

describe.each(RUNTIMES)("%s", (runtime) => {
  const isLater = runtime === "nodejs24.x";
  /** Results of the cases that need a separate process. */
  const logFormat = isLater ? "JSON" : "Text";
  const handlers = { ...HANDLERS, ...(isLater ? LATER_HANDLERS : CALLBACK_HANDLERS) };
  const parameters = isLater ? "event, context" : "event, context, callback";
  const source = `
    import p from "node:path";
    const handlers = { ${Object.entries(handlers)
      .map(([title, code]) => `${JSON.stringify(title)}: ${code}`)
      .join(",\n")} };
    export const handler = (${parameters}) => handlers[event.title](${parameters});`;
  const titles = Object.keys(handlers);

  describe.each(FORMATS)("%s log", (logFormat) => {
    let ours: Run[];
    let theirs: Run[];
    beforeAll(async () => {
      const marked = source.replace(
        "handlers[event.title]",
        "(console.log('## ' + event.title), handlers[event.title])",
      );
      const events = titles.map((title) => JSON.stringify({ title }));
      const change = { runtime, logFormat };
      const [run, their] = await Promise.all([runOurs(marked, events, change), runTheirs(marked, events, change)]);
      [ours, theirs] = [split(run.read()), split(their)];
      await run.stop();
    });
    it.each(titles.map((title, n) => [title, n] as const))("a handler that %s", (_title, n) => {
      expect(ours[n]).toEqual(comparable(theirs[n] as Run));
    });
  });

  it.each(["debug", "WARN", "Fatal", "NONE"])("keeps records of AWS_LAMBDA_LOG_LEVEL %s and above", async (level) => {
    const log =
      "for (const m of ['trace', 'debug', 'info', 'log', 'warn', 'error', 'fatal']) console[m](m); throw new " +
      "Error('thrown');";
    const { records } = await compare(`export const handler = async () => { ${log} };`, ["{}"], {
      runtime,
      logLevel: level,
    });
    expect(records.length).toBeGreaterThan(0);
  });

  it.each<[string, string]>([
    [
      "throws outside of its promise",
      "async () => { setImmediate(() => { throw new RangeError('far'); }); await new Promise((r) => " +
        "setTimeout(r, 20_000)); }",
    ],
    [
      "throws a text outside of its promise",
      "async () => { setImmediate(() => { throw 'far'; }); await new Promise((r) => setTimeout(r, 20_000)); }",
    ],
    [
      "leaves a rejection",
      "async () => { Promise.reject(new Error('left')); await new Promise((r) => setTimeout(r, 20_000)); }",
    ],
    [
      "leaves a rejection with a text",
      "async () => { Promise.reject('left'); await new Promise((r) => setTimeout(r, 20_000)); }",
    ],
    [
      "leaves a rejection and returns",
      "async () => { void (async () => { throw new Error('nobody awaits me'); })(); return 'done'; }",
    ],
    ["exits", "async () => { process.exit(3); }"],
    ["exits without an error", "async () => { process.exit(0); }"],
    [
      "catches what nothing else catches",
      "async () => new Promise((resolve) => { process.removeAllListeners('uncaughtException').on('uncaughtException', (e) => resolve(e.message)); setImmediate(() => { throw new Error('caught'); }); })",
    ],
  ])("a handler that %s", async (_title, code) => {
    await compare(`export const handler = ${code};`, ["{}"], { runtime, logFormat });
  });

  it.each<[string, string, Change?]>([
    ["a syntax error", "export const handler = async () => {"],
    ["no such export", "export const other = 1;"],
    ["an export that is no function", "export const handler = 1;"],
    ["a nested export", "export const a = { b: { handler: async () => 'nested' } };", { exportName: "a.b.handler" }],
    ["a nested export that is not there", "export const a = {};", { exportName: "a.b.handler" }],
    ["a default export", "export default { handler: async () => 'default' };"],
    ["a handler that is the default export", "export default async () => 'default';", { exportName: "default" }],
    ["a package that is not there", 'import "no-such-package"; export const handler = async () => 1;'],
    [
      "a package that is required and not there",
      'import { createRequire } from "node:module"; createRequire(import.meta.url)("no-such-package");',
    ],
    ["an error at its top level", "class Early extends Error {} throw new Early('early');"],
    ["a text thrown at its top level", "throw 'early';"],
    ["an exit at its top level", "process.exit(2);"],
    ["an await at its top level", "await new Promise((r) => setTimeout(r, 5)); export const handler = async () => 1;"],
    ["a callback", "export const handler = (event, context, callback) => callback(null, 1);"],
    ["a record at its top level", "console.log('loaded'); export const handler = async () => 1;"],
    ["a handler name with dots", "export const handler = async () => 1;", { exportName: ".handler" }],
  ])("a module with %s", async (_title, code, change = {}) => {
    await compare(code, ["{}"], { ...change, runtime, logFormat });
  });
});

// The client sends the stream to Lambda. HTTP APIs invoke functions without streaming, so they get
// a complete response.
describe.each(RUNTIMES)("%s streams", (runtime) => {
  const stream = (body: string, parameters = "event, out, context") =>
    `export const handler = awslambda.streamifyResponse(async (${parameters}) => { ${body} });`;

  it.each<[string, string, unknown]>([
    [
      "a text",
      'out.write("a"); out.end("b");',
      { statusCode: 200, body: "ab", headers: { "content-type": "application/octet-stream" } },
    ],
    [
      "a text of a type",
      'out.setContentType("text/html"); out.end("<p>");',
      { body: "<p>", headers: { "content-type": "text/html" } },
    ],
    [
      "a response in JSON",
      'out.write({ statusCode: 201, body: "made" }); out.end();',
      { statusCode: 201, body: "made" },
    ],
    ["bytes", "out.write(new Uint8Array([255, 0])); out.end();", { body: "/wA=", isBase64Encoded: true }],
    [
      "status, headers and cookies",
      'const s = awslambda.HttpResponseStream.from(out, { statusCode: 418, headers: { a: "b" }, cookies: ' +
        '["c=d"] }); s.write("tea"); s.end();',
      { statusCode: 418, headers: { a: "b" }, cookies: ["c=d"], body: "tea", isBase64Encoded: false },
    ],
    [
      "a pipeline",
      'const { pipeline } = await import("node:stream/promises"); const { Readable } = await ' +
        'import("node:stream"); await pipeline(Readable.from(["a", "b"]), out);',
      { body: "ab" },
    ],
    ["and returns a value", 'out.end("a"); return 1;', { body: "a" }],
  ])("%s", async (_title, body, response) => {
    const change = { runtime };
    const [ours, theirs] = await Promise.all([
      runOurs(stream(body), ["{}"], change),
      runTheirs(stream(body), ["{}"], change),
    ]);
    const run = ours.read();
    await ours.stop();
    const [outcome] = run.outcomes as { json: string }[];
    const [sent] = theirs.outcomes as { stream: string }[];
    expect(run.records).toEqual(theirs.records);
    expect(JSON.parse(outcome?.json ?? "null")).toMatchObject(response as object);
    if (typeof (response as { body: unknown }).body === "string" && !body.includes("Uint8Array"))
      expect(sent?.stream).toContain((response as { body: string }).body);
  });

  it.each<[string, string]>([
    ["rejects", stream('throw new RangeError("before");')],
    ["rejects after it has written", stream('out.write("a"); throw new RangeError("between");')],
    ["sets a type too late", stream('out.write("a"); out.setContentType("text/html");')],
    ["is not async", "export const handler = awslambda.streamifyResponse((event, out) => { out.end(); });"],
    ["rejects after it has ended", stream('out.end("a"); throw new RangeError("after");')],
  ])("a handler that %s has the same result as on AWS", async (_title, source) => {
    const [ours, theirs] = await Promise.all([
      runOurs(source, ["{}"], { runtime }),
      runTheirs(source, ["{}"], { runtime }),
    ]);
    const { outcomes, records } = comparable(theirs);
    expect(ours.read().records).toEqual(records);
    const [outcome] = ours.read().outcomes as { ok: boolean }[];
    const [expected] = outcomes as { ok: boolean }[];
    if (expected?.ok) expect(outcome).toMatchObject({ ok: true });
    else expect(outcome).toEqual(expected);
    await ours.stop();
  });

  it("a handler that never ends its stream times out", async () => {
    const run = await runOurs(stream('out.write("a");'), ["{}"], { runtime, timeoutMs: 500 });
    expect(run.read().outcomes).toMatchObject([{ ok: false, errorType: "Sandbox.Timedout" }]);
    await run.stop();
  });
});

/** Groups the records of a run by the handler that wrote them. */
function split({ outcomes, records }: Run): Run[] {
  const groups: unknown[][] = [];
  for (const record of records) {
    const text = typeof record === "string" ? record : (record as { message?: unknown }).message;
    if (typeof text === "string" && text.includes("## ")) groups.push([]);
    else groups.at(-1)?.push(record);
  }
  return outcomes.map((outcome, n) => ({ outcomes: [outcome], records: groups[n] ?? [] }));
}
