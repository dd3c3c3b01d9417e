// Response streaming: the global `awslambda`, and the stream of a streaming handler
// (aws-lambda-ric 3 and 4, ResponseStream.js and HttpResponseStream.js). HTTP APIs do not stream:
// they get the complete response.
import { isUtf8 } from "node:buffer";
import process from "node:process";
import { Writable } from "node:stream";

export const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

/** The content type of a stream that begins with status, headers and cookies. */
const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response";
const PRELUDE_END = Buffer.alloc(8);

/** Defines the global `awslambda`, unless the function disables it. */
export function defineGlobals() {
  if (["1", "true"].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA ?? "")) return;
  Object.assign(globalThis, {
    awslambda: {
      .../** @type {any} */ (globalThis).awslambda,
      streamifyResponse: (/** @type {any} */ handler, /** @type {any} */ options) => {
        handler[STREAMING] = "response";
        if (typeof options?.highWaterMark === "number") handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
        return handler;
      },
      HttpResponseStream: {
        from(/** @type {any} */ stream, /** @type {unknown} */ prelude) {
          stream.setContentType(PRELUDE_TYPE);
          stream._onBeforeFirstWrite = (/** @type {(chunk: string | Uint8Array) => void} */ write) => {
            write(JSON.stringify(prelude));
            write(PRELUDE_END);
          };
          return stream;
        },
      },
    },
  });
}

/**
 * Creates the stream that a streaming handler writes to.
 *
 * @param {(message: string) => Error} invalidOperation
 */
export function createResponseStream(invalidOperation) {
  /** @type {Buffer[]} */
  const chunks = [];
  let contentType = "application/octet-stream";
  let isWritten = false;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const finished = new Promise((resolve, reject) => stream.on("finish", resolve).on("error", reject));
  finished.catch(() => {}); // avoids an unhandled rejection: the awaiting code gets the error
  const write = /** @type {any} */ (stream.write.bind(stream));
  Object.assign(stream, {
    write(/** @type {unknown} */ chunk, /** @type {unknown} */ encoding, /** @type {unknown} */ done) {
      const data = typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
      if (!isWritten) /** @type {any} */ (stream)._onBeforeFirstWrite?.(write);
      isWritten = true;
      return write(data, encoding, done);
    },
    setContentType(/** @type {string} */ type) {
      if (isWritten) throw invalidOperation("Cannot set content-type, too late.");
      contentType = type;
    },
  });
  return { stream, finished, toJson: () => responseJson(contentType, Buffer.concat(chunks)) };
}

/**
 * Returns the response in the form of a function without streaming. JSON content is returned
 * unchanged.
 *
 * @param {string} contentType
 * @param {Buffer} content
 */
function responseJson(contentType, content) {
  const end = content.indexOf(PRELUDE_END);
  if (contentType === PRELUDE_TYPE && end !== -1) {
    const prelude = JSON.parse(content.toString("utf8", 0, end));
    return JSON.stringify({ statusCode: 200, ...prelude, ...bodyOf(content.subarray(end + PRELUDE_END.length)) });
  }
  if (isJson(content)) return content.toString();
  return JSON.stringify({ statusCode: 200, headers: { "content-type": contentType }, ...bodyOf(content) });
}

/** @param {Buffer} content */
function bodyOf(content) {
  const isText = isUtf8(content);
  return { body: content.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

/** @param {Buffer} content */
function isJson(content) {
  try {
    JSON.parse(content.toString());
    return true;
  } catch {
    return false;
  }
}
