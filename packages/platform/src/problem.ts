import * as z from "zod/mini";

import { AppError, type ErrorKind } from "./error";

/**
 * Problem details (RFC 9457). `type` ends in the stable code of the error. `instance` is the
 * request id, which is also in the header `apigw-requestid` and in the access log. `errors` points
 * at each invalid part of the input.
 */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
});
export type Problem = z.output<typeof Problem>;

/** The media type of a problem. */
export const PROBLEM_JSON = "application/problem+json";

// Titles: the reason phrases of RFC 9110 and RFC 6585.
const STATUS: Record<ErrorKind, [status: number, title: string]> = {
  input: [400, "Bad Request"],
  unauthenticated: [401, "Unauthorized"],
  forbidden: [403, "Forbidden"],
  "not-found": [404, "Not Found"],
  method: [405, "Method Not Allowed"],
  conflict: [409, "Conflict"],
  "too-large": [413, "Content Too Large"],
  "media-type": [415, "Unsupported Media Type"],
  unprocessable: [422, "Unprocessable Content"],
  limit: [429, "Too Many Requests"],
  internal: [500, "Internal Server Error"],
  unavailable: [503, "Service Unavailable"],
};

/** The HTTP status of an error. */
export function statusOf({ kind }: AppError): number {
  return STATUS[kind][0];
}

/** Returns the problem for a caller. An error that is no `AppError` shows only that it happened. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known =
    error instanceof AppError
      ? error
      : new AppError("internal", "internal.unexpected", "The request could not be served. The error has been logged.");
  const [status, title] = STATUS[known.kind];
  return {
    type: `urn:problem-type:${known.code}`,
    title,
    status,
    detail: known.message,
    instance: requestId,
    ...(known.errors.length > 0 && { errors: known.errors }),
  };
}
