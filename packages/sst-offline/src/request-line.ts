import { oneLine } from "@backend/sst-graph/printable";
import { fit, type Paint } from "@backend/sst-graph/screen";

import type { Outcome } from "./gateway/outcome";

export interface LineOptions {
  /** In characters. */
  width: number;
  paint: Paint;
  /** Zone of the times, such as `Europe/London`. */
  timeZone: string;
}

const TIME_CHARACTERS = 12;
const METHOD_CHARACTERS = 7;
const LATENCY_CHARACTERS = 7;
/** Characters before the path: time, status, method, and the spaces between them. */
const INDENT = TIME_CHARACTERS + 1 + 3 + 1 + METHOD_CHARACTERS + 1;
/** Smallest width of a terminal that also shows request ids. */
const WIDE = 110;
const REQUEST_ID_CHARACTERS = 16;
/** A response body that is longer is not a problem document. */
const MAX_PROBLEM_BYTES = 10_000;

/**
 * Returns a function that formats a request: time, status, method, path, latency, then the caller
 * or the reason of a failure. A reason that does not fit in the line follows on a second one.
 */
export function createRequestLine({ width, paint, timeZone }: LineOptions): (outcome: Outcome) => string {
  const clock = new Intl.DateTimeFormat("en-GB", {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" },
    timeZone,
  } as Intl.DateTimeFormatOptions);
  const isWide = width >= WIDE;
  const flexible = width - INDENT - 1 - LATENCY_CHARACTERS - 2 - (isWide ? REQUEST_ID_CHARACTERS + 2 : 0);
  const pathCharacters = Math.ceil(flexible * 0.6);
  const tailCharacters = flexible - pathCharacters;

  return (outcome) => {
    const { request, response, receivedAt, requestId, latency } = outcome;
    const { status } = response;
    const colour = status >= 500 ? paint.red : status >= 400 ? paint.yellow : paint.green;
    const target = oneLine(request.query === "" ? request.path : `${request.path}?${request.query}`);
    const reason = reasonOf(outcome);
    const isLong = reason !== undefined && reason.length > tailCharacters;
    const tail = reason ?? fit(callerOf(outcome), tailCharacters);
    const words = [
      paint.dim(clock.format(receivedAt)),
      colour(String(status)),
      oneLine(request.method).padEnd(METHOD_CHARACTERS),
      fit(target, pathCharacters).padEnd(pathCharacters),
      paint.dim(durationText(latency).padStart(LATENCY_CHARACTERS)),
    ];
    const id = isWide ? `  ${paint.dim(requestId.padEnd(REQUEST_ID_CHARACTERS))}` : "";
    const head = `${words.join(" ")}${id}`;
    if (reason === undefined) return tail === "" ? head : `${head}  ${paint.dim(tail)}`;
    return isLong
      ? `${head}\n${" ".repeat(INDENT)}${colour(fit(reason, width - INDENT))}`
      : `${head}  ${colour(reason)}`;
  };
}

/** Returns true for a successful CORS preflight, which browsers send before many requests. */
export function isPreflight({ request, response, routeKey }: Outcome): boolean {
  return request.method === "OPTIONS" && routeKey === undefined && response.status < 300;
}

function durationText(milliseconds: number): string {
  return milliseconds < 10_000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Returns the name of the token's user or client, or an empty text. */
function callerOf({ authorized }: Outcome): string {
  const { username, client_id, sub } = authorized?.claims ?? {};
  return oneLine(username ?? client_id ?? sub ?? "");
}

function reasonOf(outcome: Outcome): string | undefined {
  const { defect, integration, authorizerError, arrival, isFromEdge, error, response } = outcome;
  const unlogged = isFromEdge ? "response of CloudFront: not logged" : "outside the stage: not logged";
  const reason =
    defect ??
    integration?.error ??
    authorizerError ??
    (arrival === undefined ? unlogged : undefined) ??
    REASONS[error?.type ?? ""] ??
    error?.message ??
    (response.status >= 400 ? problemIn(outcome) : undefined);
  return reason === undefined ? undefined : oneLine(reason);
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
