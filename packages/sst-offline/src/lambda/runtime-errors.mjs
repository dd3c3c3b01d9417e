// Names, reports and logs errors as Lambda's two Node.js runtimes do: the runtime with callbacks,
// of Node.js 22 and earlier (aws-lambda-ric 3, Errors.js), and the runtime of Node.js 24 and later
// (aws-lambda-ric 4, utils/errors.js).
import { types } from "node:util";

/** @typedef {import("./report").RuntimeError} RuntimeError */

/**
 * Classes of the later runtime whose name differs from the error's type. JSON logs show the class.
 */
const LATER_CLASSES = /** @type {Record<string, string>} */ ({
  CallbackHandlerDeprecated: "CallbackHandlerDeprecatedError",
  HandlerNotFound: "HandlerNotFoundError",
  MalformedHandlerName: "MalformedHandlerNameError",
});

/**
 * Creates an error of the runtime.
 *
 * @param {string} type without `Runtime.`
 * @param {string} message
 * @param {boolean} takesCallbacks
 * @returns {Error}
 */
export function createRuntimeError(type, message, takesCallbacks) {
  const className = takesCallbacks ? type : (LATER_CLASSES[type] ?? type);
  const RuntimeError = { [className]: class extends Error {} }[className] ?? Error;
  const error = new RuntimeError(message);
  const holder = takesCallbacks ? RuntimeError.prototype : error;
  Object.defineProperty(holder, "name", { value: `Runtime.${type}`, enumerable: true, writable: true });
  return error;
}

/**
 * Returns the error as the runtime reports it to the Runtime API.
 *
 * @param {unknown} error
 * @param {boolean} takesCallbacks
 * @returns {RuntimeError}
 */
export function reportError(error, takesCallbacks) {
  try {
    const isError = takesCallbacks ? types.isNativeError(error) || looksLikeError(error) : error instanceof Error;
    if (isError) {
      const { name, message, stack } = /** @type {Error} */ (error);
      if (takesCallbacks && typeof stack !== "string") throw new TypeError("an error without a stack");
      return { errorType: String(escapeDelete(name)), errorMessage: String(escapeDelete(message)) };
    }
    const text = takesCallbacks ? /** @type {object} */ (error).toString() : String(error);
    return { errorType: typeof error, errorMessage: text };
  } catch {
    const errorMessage =
      "callback called with Error argument, but there was a problem while retrieving one or more of its " +
      "message, name, and stack";
    return { errorType: "handled", errorMessage };
  }
}

/** @param {unknown} value */
function looksLikeError(value) {
  const { name, message, stack } = /** @type {Record<string, unknown>} */ (value);
  return [name, message, stack].every((part) => typeof part === "string" && part !== "");
}

/** @param {string | undefined} text */
function escapeDelete(text) {
  return text?.replaceAll("\x7F", "%7F");
}

/**
 * @param {unknown} value
 * @param {boolean} takesCallbacks
 * @returns {Error}
 */
export function toError(value, takesCallbacks) {
  if (value instanceof Error) return value;
  return new Error(takesCallbacks ? /** @type {string} */ (value) : String(value));
}

/**
 * Returns the JSON of an error for a text log.
 *
 * @param {Error} error
 * @param {boolean} takesCallbacks
 */
export function formatError(error, takesCallbacks) {
  try {
    return JSON.stringify(error, (_key, value) => (value instanceof Error ? textFields(value) : value));
  } catch {
    const trace = String(error.stack).split("\n");
    return JSON.stringify({ ...reportError(error, takesCallbacks), trace });
  }
}

/** @param {Error & { code?: unknown }} error */
function textFields(error) {
  const fields = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
  return typeof error.stack === "string" ? { ...fields, stack: error.stack.split("\n") } : fields;
}

/**
 * Replacer of `JSON.stringify` for JSON logs.
 *
 * @param {string} _key
 * @param {unknown} value
 */
export function jsonFields(_key, value) {
  return value instanceof Error ? { ...jsonError(value), ...value } : value;
}

/** @param {Error} error */
export function jsonError(error) {
  const { stack } = error;
  return {
    errorType: error.constructor?.name ?? "UnknownError",
    errorMessage: error.message,
    stackTrace: typeof stack === "string" ? stack.split("\n") : stack,
  };
}

export class UnhandledPromiseRejection extends Error {
  /**
   * @param {unknown} reason
   * @param {Promise<unknown>} promise
   */
  constructor(reason, promise) {
    super(/** @type {string} */ (reason));
    this.reason = reason;
    this.promise = promise;
  }
}
UnhandledPromiseRejection.prototype.name = "Runtime.UnhandledPromiseRejection";
