import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { AppError } from "../error";
import { invalidInput } from "../input";

/** Bytes. API Gateway accepts up to 10 MB. */
const LIMIT = 64 * 1024;

/**
 * Returns the JSON body of a request, which API Gateway passes as text or in base64.
 *
 * Throws an `AppError`: 415 for a media type other than `application/json`, 413 for a body over the
 * limit, 400 for no body, invalid UTF-8, invalid JSON, or the property `__proto__`.
 *
 * @param limit bytes
 */
export function jsonBody({ headers, body, isBase64Encoded }: APIGatewayProxyEventV2, limit = LIMIT): unknown {
  const contentType = headers["content-type"];
  if (mediaType(contentType) !== "application/json") {
    const given = contentType === undefined ? "none" : JSON.stringify(contentType);
    throw new AppError("media-type", "body.media-type", `The content type must be application/json, got ${given}.`);
  }
  if (body === undefined || body === "") throw new AppError("input", "body.missing", "The request must have a body.");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.byteLength > limit) {
    throw new AppError("too-large", "body.too-large", `The body may have ${limit} bytes, got ${bytes.byteLength}.`);
  }
  return parse(decode(bytes));
}

/** The media type without its parameters: https://www.rfc-editor.org/rfc/rfc9110#name-media-type */
function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase();
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("input", "body.encoding", "The body must be text in UTF-8.", { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, text.includes("__proto__") || text.includes("\\u") ? refuseProto : undefined);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("input", "body.json", "The body must be valid JSON.", { cause });
  }
}

/** Schemas drop such a property silently, at any depth. An input that is not stored is rejected. */
function refuseProto(key: string, value: unknown): unknown {
  if (key !== "__proto__") return value;
  throw invalidInput([{ pointer: "/__proto__", detail: "is not a known property" }]);
}
