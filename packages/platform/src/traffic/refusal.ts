import type { AccessLogEntry } from "../access-log/entry";

/** Why API Gateway answered with an error of its own. */
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
 * The reason of a refusal by the gateway; undefined for a request that a function answered, whatever its status: the gateway's
 * own fields are empty then (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html).
 * By status, since `errorType` of HTTP APIs is documented for REST APIs alone.
 */
export function refusalOf(entry: AccessLogEntry): Refusal | undefined {
  const { status, errorType, errorMessage, authorizerError, integrationError } = entry;
  const own = errorType ?? errorMessage ?? authorizerError ?? integrationError;
  if (own === undefined || status < 400) return undefined;
  if (status >= 500) return authorizerError === undefined ? "integration-failed" : "other";
  return BY_STATUS[status] ?? "other";
}

const BY_STATUS: Record<number, Refusal> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  413: "too-large",
  429: "throttled",
};
