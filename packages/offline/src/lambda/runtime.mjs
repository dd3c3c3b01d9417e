// Lambda's Node.js runtime, in a worker thread: loads the bundle, runs one invocation at a time, writes the function's log.
//
// What it does and what it writes follow AWS's own runtime (aws/aws-lambda-nodejs-runtime-interface-client, src/LogPatch,
// Errors, UserFunction, index.mjs). A plain JavaScript file, since Node.js 20 starts no worker from TypeScript.
import process from "node:process";
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import { parentPort, workerData } from "node:worker_threads";

import { described, openFunctionLog } from "./function-log.mjs";
import { endRecords, startRecord } from "./platform-record.mjs";
import { begin, log as markLogged } from "./tickets.mjs";

/**
 * @typedef {object} EnvironmentData
 * @property {string} bundle file of the function's bundle
 * @property {string} exportName
 * @property {string} logFile where the environment's log stream is kept
 * @property {"JSON" | "Text"} logFormat
 * @property {string} functionArn
 * @property {number} memorySizeMb
 * @property {number} timeoutMs
 * @property {boolean} callbacks whether the runtime still serves callback-style handlers
 * @property {Int32Array<SharedArrayBuffer>} tickets
 *
 * @typedef {[ticket: number, requestId: string, traceId: string, event: string]} Invocation
 * @typedef {import("./function-log.mjs").RuntimeError} RuntimeError
 * @typedef {{ type: "ready", error?: RuntimeError } | { type: "result", json: string, durationMs: number } | { type: "failed", error: RuntimeError, exit?: number }} Report
 */

if (parentPort === null) throw new Error("runtime.mjs runs in a worker thread alone");
const port = parentPort;
const data = /** @type {EnvironmentData} */ (workerData);
const log = openFunctionLog(data.logFile, data.logFormat);

/** @type {Invocation[]} */
const waiting = [];
/** @type {Invocation | undefined} */
let running;
let startedAt = 0;
/** @type {number | undefined} Milliseconds that the cold start took; reported with the first invocation alone. */
let initMs;

process.on("uncaughtException", (error) => crash("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => {
  const error = named("Runtime.UnhandledPromiseRejection", reason instanceof Error ? reason.message : String(reason));
  if (reason instanceof Error && reason.stack !== undefined) error.stack = reason.stack;
  crash("Unhandled Promise Rejection", error, 128);
});
// The event loop is empty and the handler's promise is still open: nothing can settle it any more.
process.on("beforeExit", () => {
  if (running !== undefined)
    fail(named("Runtime.NodeJsExit", "The Lambda function exited before its promise was settled."));
});

const handler = await load();
if (handler !== undefined) {
  initMs = performance.now();
  const fixed = fixedContext();
  port.on("message", (invocation) => {
    waiting.push(invocation);
    if (running === undefined) next(handler, fixed);
  });
  report({ type: "ready" });
}

/**
 * Runs what waits, one invocation after the other.
 *
 * @param {Function} handle
 * @param {object} fixed
 */
function next(handle, fixed) {
  for (let invocation = waiting.shift(); invocation !== undefined; invocation = waiting.shift()) {
    if (!begin(data.tickets, invocation[0])) continue; // taken back meanwhile
    void invoke(handle, fixed, invocation).then(() => next(handle, fixed));
    return;
  }
}

/** @returns {Promise<Function | undefined>} */
async function load() {
  try {
    const module = await import(pathToFileURL(data.bundle).href);
    const found = module[data.exportName] ?? module.default?.[data.exportName];
    if (typeof found !== "function") {
      throw named("Runtime.HandlerNotFound", `${data.exportName} is undefined or not exported`);
    }
    if (found.length >= 3 && !data.callbacks) {
      throw named(
        "Runtime.CallbackHandlerDeprecated",
        "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24: the handler takes three arguments. Return a promise instead.",
      );
    }
    return found;
  } catch (error) {
    const failure = loadError(error);
    log.writeError("Uncaught Exception", failure);
    report({ type: "ready", error: described(failure) });
    return undefined;
  }
}

/** @param {unknown} error */
function loadError(error) {
  if (!(error instanceof Error)) return error;
  const missing = "code" in error && ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(String(error.code));
  const name = missing
    ? "Runtime.ImportModuleError"
    : error instanceof SyntaxError
      ? "Runtime.UserCodeSyntaxError"
      : "";
  return name === "" ? error : Object.assign(named(name, error.message), { stack: error.stack });
}

/**
 * @param {Function} handle
 * @param {object} fixed
 * @param {Invocation} invocation
 */
async function invoke(handle, fixed, invocation) {
  const [ticket, requestId, traceId, event] = invocation;
  running = invocation;
  startedAt = performance.now();
  log.begin(requestId, startRecord(data.logFormat, requestId), () => markLogged(data.tickets, ticket));
  process.env._X_AMZN_TRACE_ID = traceId;
  const deadline = Date.now() + data.timeoutMs;
  const own = { awsRequestId: requestId, getRemainingTimeInMillis: () => deadline - Date.now() };
  port.unref(); // while the handler runs, only its own work keeps the event loop alive
  try {
    const result = await call(handle, JSON.parse(event), { ...fixed, ...own });
    const json = JSON.stringify(result === undefined ? null : result) ?? "null";
    if (running === invocation) settle({ type: "result", json, durationMs: performance.now() - startedAt }, "success");
  } catch (error) {
    if (running === invocation) fail(error);
  }
}

/**
 * @param {Function} handle
 * @param {unknown} event
 * @param {object} context
 */
function call(handle, event, context) {
  if (handle.length < 3) return handle(event, context);
  return new Promise((resolve, reject) => {
    const done = (/** @type {unknown} */ error, /** @type {unknown} */ result) =>
      error ? reject(error) : resolve(result);
    const returned = handle(event, context, done);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
  });
}

/** What the context of every invocation has in common. */
function fixedContext() {
  const { env } = process;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    tenantId: undefined,
    invokedFunctionArn: data.functionArn,
  };
}

/** @param {unknown} error */
function fail(error) {
  log.writeError("Invoke Error", error);
  settle({ type: "failed", error: described(error) }, "error");
}

/**
 * @param {Report} message
 * @param {import("./platform-record.mjs").Status} status
 */
function settle(message, status) {
  writeReport(status, message.type === "failed" ? message.error.errorType : undefined);
  running = undefined;
  port.ref();
  report(message);
}

/**
 * @param {import("./platform-record.mjs").Status} status
 * @param {string | undefined} errorType
 */
function writeReport(status, errorType) {
  if (running === undefined) return;
  const metrics = {
    requestId: running[1],
    durationMs: performance.now() - startedAt,
    memorySizeMb: data.memorySizeMb,
    heapMb: maxHeapMb(),
    initMs,
  };
  log.append(endRecords(data.logFormat, metrics, status, errorType));
  initMs = undefined;
}

let heapMb = 0;
let heapSeen = Number.NEGATIVE_INFINITY;

/** The most that has been seen of the heap, in MB; looked at ten times a second, since looking takes as long as a small handler. */
function maxHeapMb() {
  const now = performance.now();
  if (now - heapSeen > 100) {
    heapSeen = now;
    heapMb = Math.max(heapMb, Math.ceil(v8.getHeapStatistics().used_heap_size / 1048576));
  }
  return heapMb;
}

/**
 * @param {string} title
 * @param {unknown} error
 * @param {number} exit
 */
function crash(title, error, exit) {
  log.writeError(title, error);
  writeReport("error", described(error).errorType);
  report({ type: "failed", error: described(error), exit });
  process.exit(exit);
}

/** @param {Report} message */
function report(message) {
  port.postMessage(message);
}

/**
 * @param {string} name
 * @param {string} message
 */
function named(name, message) {
  return Object.assign(new Error(message), { name });
}
