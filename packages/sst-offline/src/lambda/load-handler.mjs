// Loads the handler as Lambda's Node.js runtimes do: aws-lambda-ric 3, UserFunction.js, and 4,
// function/*.
import path from "node:path";
import { pathToFileURL } from "node:url";

import { STREAMING } from "./response-stream.mjs";
import { createRuntimeError } from "./runtime-errors.mjs";

/**
 * Loads the handler. Throws the same errors as Lambda's runtime, and whatever the module throws.
 *
 * @param {string} bundle file
 * @param {string} handlerName `<file without extension>.<export>`
 * @param {boolean} takesCallbacks
 * @returns {Promise<{ handler: Function, isStreaming: boolean }>}
 */
export async function loadHandler(bundle, handlerName, takesCallbacks) {
  const fail = (/** @type {string} */ type, /** @type {string} */ message) =>
    createRuntimeError(type, message, takesCallbacks);
  if (handlerName.includes("..")) {
    const advice = "Use absolute paths when specifying root directories in handler names.";
    throw fail("MalformedHandlerName", `'${handlerName}' is not a valid handler name. ${advice}`);
  }
  const exportName = /^[^.]*\.(.*)$/.exec(path.basename(handlerName))?.[1];
  if (exportName === undefined) throw fail("MalformedHandlerName", "Bad handler");
  const module = await importModule(bundle, takesCallbacks, fail);
  const handler = takesCallbacks
    ? findLoosely(module, exportName)
    : find(module, exportName) || find(module.default, exportName);
  if (!handler) throw fail("HandlerNotFound", `${handlerName} is undefined or not exported`);
  if (typeof handler !== "function") throw fail("HandlerNotFound", `${handlerName} is not a function`);
  const mode = handler[STREAMING];
  if (mode && mode !== "response") throw fail("MalformedStreamingHandler", "Only response streaming is supported.");
  if (handler.length >= 3 && !mode && !takesCallbacks) throw fail("CallbackHandlerDeprecated", NO_CALLBACKS);
  return { handler, isStreaming: Boolean(mode) };
}

const NO_CALLBACKS =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You " +
  "need to modify this function to use a supported handler signature to use Node.js 24 or later. For more " +
  "information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

/**
 * @param {string} bundle
 * @param {boolean} takesCallbacks
 * @param {(type: string, message: string) => Error} fail
 */
async function importModule(bundle, takesCallbacks, fail) {
  try {
    return await import(pathToFileURL(bundle).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      const failure = fail("UserCodeSyntaxError", String(error));
      throw takesCallbacks ? failure : Object.assign(failure, { stack: error.stack });
    }
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      throw fail("ImportModuleError", String(error));
    }
    throw error;
  }
}

/**
 * @param {any} module
 * @param {string} name
 */
function find(module, name) {
  return name.split(".").reduce((found, key) => (found && typeof found === "object" ? found[key] : undefined), module);
}

/**
 * @param {any} module
 * @param {string} name
 */
function findLoosely(module, name) {
  return name.split(".").reduce((found, key) => found?.[key], module);
}
