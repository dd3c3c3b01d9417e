// The function's log: what Lambda's runtime makes of `console`, of the standard streams and of
// errors (aws-lambda-ric 3, LogPatch.js, and 4, logging/*).
import process from "node:process";
import { format } from "node:util";

import { openAppend } from "../logs/append-file.mjs";
import { logEventLine } from "../logs/log-event.mjs";
import { formatError, jsonError, jsonFields, toError } from "./runtime-errors.mjs";

/**
 * @typedef {object} LogOptions
 * @property {string} file
 * @property {"JSON" | "Text"} logFormat
 * @property {boolean} takesCallbacks whether the runtime is that of Node.js 22 and earlier
 * @property {(text: string) => void} onNotice called when the log cannot be written
 */

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/**
 * Opens the log and takes over `console` and the standard streams of this thread. Each record is
 * written at once, so that it survives whatever happens to the thread.
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
  /** What records have as a request id before the first invocation. @type {string | undefined} */
  let requestId = takesCallbacks ? undefined : "-";
  patchConsole();
  const streams = [process.stdout, process.stderr].map(patchStream);

  return { begin, logError, append, flush };

  /**
   * Later records have this request id. The first of them is written together with the START record.
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
   * A full disk costs records, never an invocation.
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

  /** Writes what the streams hold of an unfinished line. */
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
   * Each line that the code writes to a standard stream is a record.
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
   * @param {string} title only text logs have it
   * @param {unknown} value
   */
  function logError(title, value) {
    const error = toError(value, takesCallbacks);
    if (isJson) console.error(error);
    else console.error(title, `\t${formatError(error, takesCallbacks)}`);
  }
}
