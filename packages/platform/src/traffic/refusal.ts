import type { AccessLogEntry } from "../access-log/entry";

/** Reasons for an error that API Gateway returned itself. */
export const REFUSALS = [
  "throttled",
  "unauthorized",
  "forbidden",
  "not-found",
  "too-large",
  "integration-failed",
  "other",
] as const;

export type Refusal = (typeof REFUSALS)[number];

/**
 * Returns why API Gateway rejected a request, or undefined if a function sent the response: API
 * Gateway's error fields are then empty
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html).
 * Uses the status, because `errorType` is documented only for REST APIs.
 */
export function refusalOf(entry: AccessLogEntry): Refusal | undefined {
  const { status, errorType, errorMessage, authorizerError, integrationError } = entry;
  const gatewayError = errorType ?? errorMessage ?? authorizerError ?? integrationError;
  if (gatewayError === undefined || status < 400) return undefined;
  if (status >= 500) return authorizerError === undefined ? "integration-failed" : "other";
  return REFUSAL_BY_STATUS[status] ?? "other";
}

const REFUSAL_BY_STATUS: Record<number, Refusal> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  413: "too-large",
  429: "throttled",
};
