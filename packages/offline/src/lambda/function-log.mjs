// The function's own log: what AWS's runtime makes of `console`, of the standard streams and of errors
// (aws/aws-lambda-nodejs-runtime-interface-client, src/LogPatch and src/Errors).
import process from "node:process";
import { format } from "node:util";

import { openAppend } from "../logs/append-file.mjs";
import { logEventLine } from "../logs/log-event.mjs";

/**
 * @typedef {{ errorType: string, errorMessage: string, trace: string[] }} RuntimeError
 *
 * @typedef {object} FunctionLog
 * @property {(requestId: string, start: string, onFirst: () => void) => void} begin from now on records carry this request id; the
 *   first of them is written together with `start`
 * @property {(title: string, error: unknown) => void} writeError
 * @property {(lines: string) => void} append
 */

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const METHODS = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
};

/**
 * Opens the log and takes over `console` and the standard streams of this thread. Each record is written at once: it
 * survives whatever becomes of the thread.
 *
 * @param {string} file
 * @param {"JSON" | "Text"} logFormat
 * @returns {FunctionLog}
 */
export function openFunctionLog(file, logFormat) {
  const log = openAppend(file, 100);
  let start = "";
  let onFirst = () => {};
  const json = logFormat === "JSON";
  /** @type {string | undefined} */
  let requestId;
  patchConsole();
  patchStreams();

  return {
    begin(id, record, first) {
      requestId = id;
      start = record;
      onFirst = first;
    },
    writeError,
    append,
  };

  /** @param {string} lines */
  function append(lines) {
    log.append(start + lines);
    if (start === "") return;
    start = "";
    onFirst();
  }

  function patchConsole() {
    const threshold = LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL ?? "").toUpperCase());
    for (const [method, level] of Object.entries(METHODS)) {
      const quiet = LEVELS.indexOf(level) < threshold;
      Object.assign(console, {
        [method]: quiet ? () => {} : (/** @type {unknown[]} */ ...args) => record(level, args),
      });
    }
  }

  /** What the code writes to its standard streams itself: each line is a record. */
  function patchStreams() {
    for (const stream of /** @type {any[]} */ ([process.stdout, process.stderr])) {
      let rest = "";
      stream.write = (/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ done) => {
        const lines = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) write(Date.now(), line, false);
        const callback = typeof encoding === "function" ? encoding : done;
        if (typeof callback === "function") queueMicrotask(() => callback());
        return true;
      };
    }
  }

  /**
   * @param {string} level
   * @param {unknown[]} args
   */
  function record(level, args) {
    const now = new Date();
    const timestamp = now.toISOString();
    if (json) write(now.getTime(), jsonRecord({ timestamp, level, requestId }, args), true);
    else write(now.getTime(), `${timestamp}\t${requestId}\t${level}\t${format(...args)}`, false);
  }

  /**
   * @param {string} title
   * @param {unknown} error
   */
  function writeError(title, error) {
    const { errorType, errorMessage, trace } = described(error);
    const own = error instanceof Error ? { ...error } : {};
    const now = new Date();
    const timestamp = now.toISOString();
    // In JSON the error stands in the record itself, in text after the title.
    if (json) {
      const message = { errorType, errorMessage, ...own, stackTrace: trace };
      write(now.getTime(), safeJson({ timestamp, level: "ERROR", requestId, message }), true);
    } else {
      const fields = { errorType, errorMessage, ...own, stack: trace };
      write(now.getTime(), `${timestamp}\t${requestId}\tERROR\t${title}\t${safeJson(fields)}`, false);
    }
  }

  /**
   * @param {number} timestamp epoch milliseconds
   * @param {string} message
   * @param {boolean} structured
   */
  function write(timestamp, message, structured) {
    append(logEventLine(timestamp, message, structured));
  }
}

/**
 * @param {unknown} error
 * @returns {RuntimeError}
 */
export function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

/**
 * @param {{ timestamp: string, level: string, requestId: string | undefined }} head
 * @param {unknown[]} args
 */
function jsonRecord(head, args) {
  if (args.length === 1) {
    try {
      return JSON.stringify({ ...head, message: args[0] }, errorsAsObjects);
    } catch {
      return JSON.stringify({ ...head, message: format(args[0]) }); // a circle, or a BigInt
    }
  }
  const error = args.find((arg) => arg instanceof Error);
  return JSON.stringify({ ...head, message: format(...args), ...(error && errorFields(error)) });
}

/**
 * @param {string} _key
 * @param {unknown} value
 */
function errorsAsObjects(_key, value) {
  return value instanceof Error ? { ...value, ...errorFields(value) } : value;
}

/** @param {Error} error */
function errorFields(error) {
  return { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack ?? "").split("\n") };
}

/** @param {unknown} value */
function safeJson(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(format(value));
  }
}
