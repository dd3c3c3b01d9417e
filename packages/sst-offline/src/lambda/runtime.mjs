// Lambda's Node.js runtime in a worker thread. It loads the bundle, runs one invocation at a time,
// and writes the function's log. It follows AWS's runtime clients: aws-lambda-ric 3 for Node.js 22
// and earlier, aws-lambda-ric 4 for Node.js 24 and later. The file is JavaScript because Node.js 20
// cannot start a worker from TypeScript.
import path from "node:path";
import process from "node:process";
import v8 from "node:v8";
import { workerData } from "node:worker_threads";

import { callWithCallbacks } from "./callback-context.mjs";
import { openFunctionLog } from "./function-log.mjs";
import { loadHandler } from "./load-handler.mjs";
import { advance, BEGUN, ENDED, LOGGED } from "./mark.mjs";
import { endRecords, initRecord, startRecord } from "./platform-record.mjs";
import { actAsProcess } from "./process.mjs";
import { createResponseStream, defineGlobals } from "./response-stream.mjs";
import { createRuntimeError, reportError, UnhandledPromiseRejection } from "./runtime-errors.mjs";

/**
 * @typedef {object} EnvironmentData
 * @property {import("node:worker_threads").MessagePort} port
 * @property {import("./mark.mjs").Mark} mark
 * @property {string} bundle file of the function's bundle
 * @property {string} logFile file of the environment's log stream
 * @property {"JSON" | "Text"} logFormat
 * @property {string} functionArn
 * @property {number} memorySizeMb
 * @property {number} timeoutMs
 * @property {boolean} takesCallbacks true for the runtime of Node.js 22 and earlier
 * @property {number} startedAt start of the environment, in epoch milliseconds
 * @property {boolean} isInitPartOfInvocation true if the first invocation's duration includes init
 *
 * @typedef {[sequence: number, requestId: string, traceId: string, event: string]} Message
 * @typedef {{ sequence: number, requestId: string, startedAt: number }} Running
 */

const data = /** @type {EnvironmentData} */ ({ ...workerData });
// The function's code must not reach the port or any other of these values.
for (const key of Object.keys(workerData)) delete workerData[key];
const { port, mark, takesCallbacks, logFormat } = data;

const onNotice = (/** @type {string} */ text) => send({ type: "notice", text });
const log = openFunctionLog({ file: data.logFile, logFormat, takesCallbacks, onNotice });

/** @type {Running | undefined} */
let running;
/** Duration of init, reported only with the first invocation. @type {number | undefined} */
let initMs;
let isFirst = true;
let onEmptyEventLoop = () => {};
/** False in the turn of the event loop in which an invocation ended. */
let isTurnOver = true;

actAsProcess(path.dirname(data.bundle));
defineGlobals();
if (takesCallbacks) {
  process.on("uncaughtException", (error) => crash("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason, promise) =>
    crash("Unhandled Promise Rejection", new UnhandledPromiseRejection(reason, promise), 128),
  );
  process.on("beforeExit", () => onEmptyEventLoop());
}
void start();

async function start() {
  const { _HANDLER: handlerName = "" } = process.env;
  try {
    const { handler, isStreaming } = await loadHandler(data.bundle, handlerName, takesCallbacks);
    const run = isStreaming ? runStreaming : takesCallbacks ? runWithCallbacks : runBuffered;
    const beginWith = (/** @type {Message} */ message) =>
      begin(message, (invocation, event) => run(handler, invocation, event));
    port.on("message", (message) => {
      // Pending work of the previous invocation in this turn comes first, above all a rejection.
      if (isTurnOver) beginWith(message);
      else setImmediate(beginWith, message);
    });
  } catch (error) {
    log.logError(takesCallbacks ? "Uncaught Exception" : "Init Error", error);
    send({ type: "init-failed", error: reportError(error, takesCallbacks) });
    return;
  }
  initMs = now() - data.startedAt;
  if (data.isInitPartOfInvocation) log.append(initRecord(logFormat, { initMs, phase: "invoke", status: "success" }));
  else send({ type: "ready" });
}

/**
 * @param {Message} message
 * @param {(invocation: Running, event: string) => void} run
 */
function begin([sequence, requestId, traceId, event], run) {
  const begun = advance(mark, sequence, BEGUN);
  const includesInit = isFirst && data.isInitPartOfInvocation;
  if (!begun && !includesInit) return; // the server has reclaimed it
  running = { sequence, requestId, startedAt: includesInit ? data.startedAt : now() };
  if (includesInit) initMs = undefined;
  isFirst = false;
  log.begin(requestId, startRecord(logFormat, requestId), () => advance(mark, sequence, LOGGED));
  if (traceId === "") delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = traceId;
  port.unref(); // while the handler runs, only its own work keeps the event loop alive
  run(running, event);
}

/**
 * Runs a handler of Node.js 24 and later. The response is sent when the handler's promise settles.
 *
 * @param {Function} handler
 * @param {Running} invocation
 * @param {string} event
 */
async function runBuffered(handler, invocation, event) {
  try {
    const result = await handler(JSON.parse(event), contextOf(invocation));
    setImmediate(finish, invocation, result);
  } catch (error) {
    setImmediate(fail, invocation, error);
  }
}

/**
 * Ends the invocation after this turn of the event loop, in which an unhandled rejection would
 * occur.
 *
 * @param {Running} invocation
 * @param {unknown} result
 */
function finish(invocation, result) {
  try {
    succeed(invocation, result);
  } catch (error) {
    fail(invocation, error);
  }
}

/**
 * @param {Function} handler
 * @param {Running} invocation
 * @param {string} event
 */
function runWithCallbacks(handler, invocation, event) {
  onEmptyEventLoop = callWithCallbacks({
    handler,
    event: JSON.parse(event),
    context: contextOf(invocation),
    succeed: (result) => succeed(invocation, result),
    fail: (error) => fail(invocation, error),
  });
}

/**
 * @param {Function} handler
 * @param {Running} invocation
 * @param {string} event
 */
async function runStreaming(handler, invocation, event) {
  port.ref(); // keeps the event loop alive, like the connection to which Lambda streams
  const { stream, finished, toJson } = createResponseStream((message) =>
    createRuntimeError("InvalidStreamingOperation", message, takesCallbacks),
  );
  try {
    const returned = handler(JSON.parse(event), stream, contextOf(invocation));
    if (typeof returned?.then !== "function") {
      const message = "Streaming does not support non-async handlers.";
      throw takesCallbacks ? message : new Error(message);
    }
    if ((await returned) !== undefined) console.warn("Streaming handlers ignore return values.");
    await finished;
    respond();
  } catch (error) {
    await new Promise(setImmediate);
    if (stream.writableEnded) {
      log.logError("Invoke Error", error); // too late to fail: the response is complete
      respond();
    } else fail(invocation, error);
  }

  function respond() {
    settle(invocation, { type: "result", sequence: invocation.sequence, json: toJson() }, "success");
  }
}

/** @param {Running} invocation */
function contextOf({ requestId }) {
  const { env } = process;
  const deadline = Date.now() + data.timeoutMs;
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: data.functionArn,
    awsRequestId: requestId,
    tenantId: undefined,
    ...(!takesCallbacks && { xRayTraceId: env._X_AMZN_TRACE_ID }),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/**
 * Sends the result. Throws if it cannot be converted to JSON.
 *
 * @param {Running} invocation
 * @param {unknown} result
 */
function succeed(invocation, result) {
  if (running !== invocation) return;
  const json = toJson(result);
  settle(invocation, { type: "result", sequence: invocation.sequence, json }, "success");
}

/** @param {unknown} result */
function toJson(result) {
  let json;
  try {
    json = JSON.stringify(result === undefined ? null : result);
  } catch {
    const message = "Unable to stringify response body";
    throw takesCallbacks ? new Error(message) : createRuntimeError("JSONStringifyError", message, takesCallbacks);
  }
  // Functions and symbols have no JSON. The native client accepts only text (rapid-client.cc).
  if (json === undefined) throw new TypeError("Wrong arguments");
  return json;
}

/**
 * @param {Running} invocation
 * @param {unknown} error
 */
function fail(invocation, error) {
  if (running !== invocation) return;
  log.logError("Invoke Error", error);
  settleError(invocation, error, false);
}

/**
 * @param {Running} invocation
 * @param {unknown} reason
 * @param {boolean} exits
 */
function settleError(invocation, reason, exits) {
  const error = reportError(reason, takesCallbacks);
  settle(invocation, { type: "failed", sequence: invocation.sequence, error, exits }, "error");
}

/**
 * @param {Running} invocation
 * @param {import("./report").InvocationReport} report
 * @param {import("./platform-record.mjs").Status} status
 */
function settle(invocation, report, status) {
  if (running !== invocation) return;
  running = undefined;
  onEmptyEventLoop = () => {};
  isTurnOver = false;
  setImmediate(endTurn);
  port.ref();
  log.flush();
  if (!advance(mark, invocation.sequence, ENDED)) return; // it has timed out
  const { memorySizeMb } = data;
  const { requestId, startedAt } = invocation;
  const metrics = { requestId, durationMs: now() - startedAt, memorySizeMb, heapMb: maxHeapMb(), initMs };
  const errorType = report.type === "failed" ? report.error.errorType : undefined;
  initMs = undefined;
  log.append(endRecords(logFormat, metrics, status, errorType));
  send(report);
}

function endTurn() {
  isTurnOver = true;
}

/**
 * Ends the environment after an uncaught error. It does not affect an invocation that has ended.
 *
 * @param {string} title
 * @param {unknown} error
 * @param {number} exitCode
 */
function crash(title, error, exitCode) {
  log.logError(title, error);
  if (running !== undefined) settleError(running, error, true);
  else if (isFirst) send({ type: "init-failed", error: reportError(error, takesCallbacks) });
  process.exit(exitCode);
}

let heapMb = 0;
let heapReadAt = Number.NEGATIVE_INFINITY;

/**
 * Returns the largest heap measured, in MB. Measures ten times per second, because that is slow.
 */
function maxHeapMb() {
  if (now() - heapReadAt > 100) {
    heapReadAt = now();
    heapMb = Math.max(heapMb, Math.ceil(v8.getHeapStatistics().used_heap_size / 1048576));
  }
  return heapMb;
}

/** Epoch milliseconds with fractions; the server reads the same clock. */
function now() {
  return performance.timeOrigin + performance.now();
}

/** @param {import("./report").Report} report */
function send(report) {
  port.postMessage(report);
}
