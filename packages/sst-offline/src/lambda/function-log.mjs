// The function's log: records for `console`, the standard streams and errors, as in Lambda's
// runtimes (aws-lambda-ric 3, LogPatch.js, and 4, logging/*).
import process from "node:process";
import { format } from "node:util";

import { openAppend } from "../logs/append-file.mjs";
import { logEventLine } from "../logs/log-event.mjs";
import { formatError, jsonError, jsonFields, toError } from "./runtime-errors.mjs";

/**
 * @typedef {object} LogOptions
 * @property {string} file
 * @property {"JSON" | "Text"} logFormat
 * @property {boolean} takesCallbacks true for the runtime of Node.js 22 and earlier
 * @property {(text: string) => void} onNotice called when the log cannot be written
 */

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/**
 * Opens the log and replaces `console` and the standard streams of this thread. Writes each record
 * immediately, so that it survives the end of the thread.
 *
 * @param {LogOptions} options
 */
export function openFunctionLog({ file, logFormat, takesCallbacks, onNotice }) {
  const isJson = logFormat === "JSON";
  /** @type {ReturnType<typeof openAppend> | undefined} */
  let log;
  let isFailing = false;
  let start = "";
  let onStarted = () => {};
  /** Request id of records before the first invocation. @type {string | undefined} */
  let requestId = takesCallbacks ? undefined : "-";
  patchConsole();
  const streams = [process.stdout, process.stderr].map(patchStream);

  return { begin, logError, append, flush };

  /**
   * Sets the request id of later records. The first one is written together with the START record.
   *
   * @param {string} id
   * @param {string} startRecord
   * @param {() => void} started called when the START record is in the log
   */
  function begin(id, startRecord, started) {
    requestId = id;
    start = startRecord;
    onStarted = started;
  }

  /**
   * Reports a failure instead of throwing: a full disk must not fail an invocation.
   *
   * @param {string} lines
   */
  function append(lines) {
    try {
      log ??= openAppend(file);
      log.append(start + lines);
      isFailing = false;
    } catch (error) {
      if (!isFailing) onNotice(`log stream ${file}: ${/** @type {Error} */ (error).message}`);
      isFailing = true;
      return;
    }
    if (start === "") return;
    start = "";
    onStarted();
  }

  /** Writes unfinished lines of the streams. */
  function flush() {
    for (const { end } of streams) end();
  }

  function patchConsole() {
    const threshold = LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL ?? "").toUpperCase());
    for (const level of LEVELS) {
      const write = (/** @type {unknown} */ message, /** @type {unknown[]} */ ...params) =>
        record(level, message, params);
      Object.assign(console, { [level.toLowerCase()]: LEVELS.indexOf(level) < threshold ? () => {} : write });
    }
    console.log = console.info;
  }

  /**
   * Turns each line written to a standard stream into a record.
   *
   * @param {NodeJS.WriteStream} stream
   */
  function patchStream(stream) {
    let rest = "";
    const write = (/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ done) => {
      const lines = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) append(logEventLine(Date.now(), line, false));
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    };
    Object.assign(stream, { write });
    return { end: () => void (rest !== "" && write("\n", undefined, undefined)) };
  }

  /**
   * @param {string} level
   * @param {unknown} message
   * @param {unknown[]} params
   */
  function record(level, message, params) {
    const now = new Date();
    const timestamp = now.toISOString();
    const line = isJson
      ? jsonRecord({ timestamp, level, requestId }, message, params)
      : `${timestamp}\t${requestId}\t${level}\t${format(message, ...params)}`;
    append(logEventLine(now.getTime(), line, isJson));
  }

  /**
   * @param {Record<string, unknown>} head
   * @param {unknown} message
   * @param {unknown[]} params
   */
  function jsonRecord(head, message, params) {
    if (params.length === 0) {
      try {
        return JSON.stringify({ ...head, message }, jsonFields);
      } catch {
        return JSON.stringify({ ...head, message: format(message) }); // a circular value, or a BigInt
      }
    }
    const error = (takesCallbacks ? [message, ...params] : params).find((value) => value instanceof Error);
    const text = format(message, ...params);
    return JSON.stringify({ ...head, message: text, ...(error instanceof Error && jsonError(error)) });
  }

  /**
   * @param {string} title for text logs only
   * @param {unknown} value
   */
  function logError(title, value) {
    const error = toError(value, takesCallbacks);
    if (isJson) console.error(error);
    else console.error(title, `\t${formatError(error, takesCallbacks)}`);
  }
}
