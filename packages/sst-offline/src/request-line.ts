import { formatRequest, type RowOptions } from "@backend/sst-graph/request-row";

import type { Outcome } from "./gateway/outcome";

export interface LineOptions extends RowOptions {
  /** Zone of the times, such as `Europe/London`. */
  timeZone: string;
}

/** A response body that is longer is not a problem document. */
const MAX_PROBLEM_BYTES = 10_000;

/** Returns a function that formats a request for the terminal. */
export function createRequestLine({ timeZone, ...options }: LineOptions): (outcome: Outcome) => string {
  const clock = new Intl.DateTimeFormat("en-GB", {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" },
    timeZone,
  } as Intl.DateTimeFormatOptions);
  return (outcome) => {
    const { request, response, receivedAt, requestId, latency } = outcome;
    const row = {
      time: clock.format(receivedAt),
      status: response.status,
      method: request.method,
      target: request.query === "" ? request.path : `${request.path}?${request.query}`,
      latencyMs: latency,
      requestId,
      caller: callerOf(outcome),
      reason: reasonOf(outcome),
    };
    return formatRequest(row, options);
  };
}

/** Returns true for a successful CORS preflight, which browsers send before many requests. */
export function isPreflight({ request, response, routeKey }: Outcome): boolean {
  return request.method === "OPTIONS" && routeKey === undefined && response.status < 300;
}

/** Returns the name of the token's user or client. */
function callerOf({ authorized }: Outcome): string | undefined {
  const { username, client_id, sub } = authorized?.claims ?? {};
  return username ?? client_id ?? sub;
}

function reasonOf(outcome: Outcome): string | undefined {
  const { defect, integration, authorizerError, arrival, isFromEdge, error, response } = outcome;
  const unlogged = isFromEdge ? "response of CloudFront: not logged" : "outside the stage: not logged";
  return (
    defect ??
    integration?.error ??
    authorizerError ??
    (arrival === undefined ? unlogged : undefined) ??
    REASONS[error?.type ?? ""] ??
    error?.message ??
    (response.status >= 400 ? problemIn(outcome) : undefined)
  );
}

/** API Gateway's own errors, by `$context.error.responseType`. */
const REASONS: Partial<Record<string, string>> = {
  RESOURCE_NOT_FOUND: "no such route",
  THROTTLED: "over the throttle",
};

/** Returns the detail of a problem document that a function returned: RFC 9457. */
function problemIn({ response: { headers, body } }: Outcome): string | undefined {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  if (!type?.startsWith("application/problem+json") || body.length > MAX_PROBLEM_BYTES) return undefined;
  try {
    const { detail, title } = JSON.parse(body.toString("utf8")) as { detail?: unknown; title?: unknown };
    return [detail, title].find((text) => typeof text === "string");
  } catch {
    return undefined; // the type says JSON, but the body is not
  }
}
