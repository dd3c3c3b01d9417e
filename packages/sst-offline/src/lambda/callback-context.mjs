// Callbacks and `context.succeed`, `fail` and `done`, which Lambda's runtimes up to Node.js 22
// support, and when their responses are sent. Source: aws-lambda-ric 3, CallbackContext.js and
// Runtime.js.
import { createRuntimeError } from "./runtime-errors.mjs";

const NEVER_SETTLED =
  "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a " +
  "Promise that was never settled. For more information, see " +
  "https://nodejs.org/docs/latest/api/process.html#exit-codes";

/**
 * Calls the handler.
 *
 * @param {object} call
 * @param {Function} call.handler
 * @param {unknown} call.event
 * @param {object} call.context without the callbacks
 * @param {(result: unknown) => void} call.succeed throws if the result cannot be sent
 * @param {(error: unknown) => void} call.fail
 * @returns {() => void} a function to call when the event loop is empty
 */
export function callWithCallbacks({ handler, event, context, succeed, fail }) {
  let waitsForEmptyEventLoop = true;
  let isCompleted = false;
  let isCalled = false;
  /** The handler has called nothing. An async one can never settle; any other one has no result. */
  let onEmptyEventLoop = () => {
    isCompleted = true;
    if (isAsync(handler)) fail(createRuntimeError("NodeJsExit", NEVER_SETTLED, true));
    else succeed(null);
  };

  const done = once((error, result) => {
    onEmptyEventLoop = () => {};
    if (isGiven(error)) fail(error);
    else complete(result);
  });
  const callback = once((error, result) => {
    onEmptyEventLoop = () => {};
    if (isGiven(error)) fail(error);
    else if (waitsForEmptyEventLoop) onEmptyEventLoop = () => void setImmediate(complete, result);
    else complete(result);
  });
  const callbacks = {
    get callbackWaitsForEmptyEventLoop() {
      return waitsForEmptyEventLoop;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waitsForEmptyEventLoop = value;
    },
    succeed: (/** @type {unknown} */ result) => done(null, result),
    fail: (/** @type {unknown} */ error) => done(isGiven(error) ? error : "handled", null),
    done,
  };

  try {
    const returned = handler(event, Object.assign(callbacks, context), callback);
    if (typeof returned?.then === "function") returned.then(callbacks.succeed, callbacks.fail).catch(callbacks.fail);
  } catch (error) {
    callback(error, undefined);
  }
  return () => {
    const task = onEmptyEventLoop;
    onEmptyEventLoop = () => {};
    task();
  };

  /** @param {unknown} result */
  function complete(result) {
    if (isCompleted) {
      console.error(
        "Invocation has already been reported as done. Cannot call complete more than once per invocation.",
      );
      return;
    }
    isCompleted = true;
    succeed(result);
  }

  /**
   * Ignores all calls after the first. A call that throws does not count.
   *
   * @param {(error: unknown, result: unknown) => void} call
   */
  function once(call) {
    return (/** @type {unknown} */ error, /** @type {unknown} */ result) => {
      if (isCalled) return;
      call(error, result);
      isCalled = true;
    };
  }
}

/** @param {Function} handler */
function isAsync(handler) {
  return handler.constructor.name === "AsyncFunction";
}

/** @param {unknown} error */
function isGiven(error) {
  return error !== undefined && error !== null;
}
