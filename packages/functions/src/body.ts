import { AppError } from "@secure-backend/core/error";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** Bytes. API Gateway would let 10 MB through; no input of this backend is near that. */
const LIMIT = 64 * 1024;

/**
 * The body of a request as JSON, whether API Gateway handed it over as text or in base64.
 *
 * Throws an `AppError`: 415 for a media type that is not `application/json`, 413 for more than 64 KB, 400 for no body, bytes
 * that are not UTF-8, or text that is not JSON.
 */
export function jsonBody({ headers, body, isBase64Encoded }: APIGatewayProxyEventV2): unknown {
  const contentType = headers["content-type"];
  if (mediaType(contentType) !== "application/json") {
    const given = contentType === undefined ? "none" : JSON.stringify(contentType);
    throw new AppError("media-type", "body.media-type", `The content type must be application/json, got ${given}.`);
  }
  if (body === undefined || body === "") throw new AppError("input", "body.missing", "The request must have a body.");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.byteLength > LIMIT) {
    throw new AppError("too-large", "body.too-large", `The body may have ${LIMIT} bytes, got ${bytes.byteLength}.`);
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
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("input", "body.json", "The body must be valid JSON.", { cause });
  }
}
