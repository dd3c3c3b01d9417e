/** Why a request failed, in words for the reader of the page. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly kind: "down" | "unreachable" | "signed-out" | "problem" | "gateway" | "firewall" | "unreadable";
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** The invalid parts of the input. */
  readonly errors: { pointer: string; detail: string }[];

  constructor(
    kind: ApiError["kind"],
    message: string,
    more: { status?: number; requestId?: string | undefined; errors?: ApiError["errors"] } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = more.status;
    this.requestId = more.requestId;
    this.errors = more.errors ?? [];
  }
}

/** Wraps an error that is not an `ApiError`, such as a bug of the console. */
export function apiErrorOf(error: Error): ApiError {
  return error instanceof ApiError ? error : new ApiError("unreadable", error.message);
}

/** True if the page must hide its data, because the reader may no longer see it. */
export function endsView({ kind, status }: ApiError): boolean {
  return kind === "signed-out" || status === 401 || (status === 403 && kind !== "firewall");
}

/** True if a retry may succeed. */
export function isRetryable({ kind, status }: ApiError): boolean {
  return kind !== "signed-out" && (status === undefined || status === 429 || status >= 500);
}

/**
 * Explains a failed `fetch`. Browsers hide the cause, and every response without CORS headers, from
 * the page.
 */
export function unreachable(apiUrl: string): string {
  return [
    `Nothing readable came back from ${apiUrl}.`,
    `The API's CORS settings don't allow this page (${location.origin}),`,
    "or a firewall blocked the request.",
    "Requests that reach the API are in the access log.",
    `Blocked requests are only in the firewall's log group (${FIREWALL_LOG}).`,
  ].join(" ");
}

/** Explains that nothing listens at the API's address, or that the network is down. */
export function down(apiUrl: string): string {
  return `Nothing answers at ${apiUrl}. It has stopped, or this machine has no network.`;
}

const FIREWALL_LOG = "aws-waf-logs-…, in us-east-1";

/**
 * Explains a 403 without the header `apigw-requestid`, which API Gateway adds to all its responses.
 */
export const BLOCKED = [
  "The firewall in front of the API blocked this request.",
  "It isn't in the access log.",
  `The firewall's log group (${FIREWALL_LOG}) names the rule.`,
].join(" ");

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  errors?: { pointer: string; detail: string }[];
}

export function isProblem(value: unknown): value is Problem {
  const { type, title, status, detail } = Object(value) as Partial<Problem>;
  return [type, title, detail].every((part) => typeof part === "string") && typeof status === "number";
}

/**
 * Returns the error for a response that is not a success.
 *
 * @param scope that the route requires; API Gateway's own 403 doesn't name it
 */
export function errorOf(status: number, body: unknown, requestId: string | undefined, scope: string): ApiError {
  if (isProblem(body)) {
    return new ApiError("problem", body.detail, { status, requestId, errors: body.errors ?? [] });
  }
  const { message } = Object(body) as { message?: unknown };
  if (status === 401) {
    return new ApiError("gateway", "Your token expired or belongs to another user pool.", {
      status,
      requestId,
    });
  }
  if (status === 403 && requestId === undefined) return new ApiError("firewall", BLOCKED, { status });
  if (status === 403) {
    return new ApiError("gateway", `Your token is missing the scope ${scope}.`, {
      status,
      requestId,
    });
  }
  if (status === 404) {
    return new ApiError("gateway", "No route matches this request.", { status, requestId });
  }
  if (status === 429) {
    return new ApiError("gateway", "Rate limit exceeded. Try again in a second.", { status, requestId });
  }
  const details = typeof message === "string" ? `: ${message}` : "";
  return new ApiError("gateway", `The API returned ${status}${details}`, { status, requestId });
}
