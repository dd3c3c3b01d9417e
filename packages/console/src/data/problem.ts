/** Why there is no answer to show, in words for the person who asked. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly kind: "refused" | "signed-out" | "problem" | "gateway" | "firewall" | "unreadable";
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** For bad input: each part of it that is wrong. */
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

/** What failed, in words for the person; a fault of the console's own is told as it is. */
export function apiErrorOf(error: Error): ApiError {
  return error instanceof ApiError ? error : new ApiError("unreadable", error.message);
}

/** What somebody may no longer see does not stay on the screen. */
export function endsView({ kind, status }: ApiError): boolean {
  return kind === "signed-out" || status === 401 || (status === 403 && kind !== "firewall");
}

/** Another try may go better, without anybody's doing. */
export function mayPass({ kind, status }: ApiError): boolean {
  return kind !== "signed-out" && (status === undefined || status === 429 || status >= 500);
}

/** A browser shows a page nothing of an answer without CORS headers. */
export const OPAQUE =
  "The browser hides this answer from the page. Nothing answers there, or the API's CORS does not name this page's origin, or a firewall refused the request. If the API was reached, the request is in the access log; if a firewall refused it, only in the firewall's log (aws-waf-logs-..., in us-east-1).";

/** API Gateway puts `apigw-requestid` into each of its answers, and an answer of the edge in front of it has none. */
export const BLOCKED =
  "The firewall in front of the API refused this request: the answer has no apigw-requestid, so it does not come from the API. It is not in the access log; look for it in the firewall's log group (aws-waf-logs-..., in us-east-1), which names the rule.";

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
 * What an answer that is none says.
 *
 * @param scope that the route asks for; API Gateway itself says "Forbidden" where the token has it not
 */
export function errorOf(status: number, body: unknown, requestId: string | undefined, scope: string): ApiError {
  if (isProblem(body)) {
    return new ApiError("problem", body.detail, { status, requestId, errors: body.errors ?? [] });
  }
  const { message } = Object(body) as { message?: unknown };
  if (status === 401) {
    return new ApiError("gateway", "API Gateway refused the token: it has expired, or is not of this user pool.", {
      status,
      requestId,
    });
  }
  if (status === 403 && requestId === undefined) return new ApiError("firewall", BLOCKED, { status });
  if (status === 403) {
    return new ApiError("gateway", `API Gateway refused the token: it lacks the scope ${scope}.`, {
      status,
      requestId,
    });
  }
  if (status === 404) {
    return new ApiError("gateway", "API Gateway has no such route.", { status, requestId });
  }
  if (status === 429) {
    return new ApiError("gateway", "Too many requests: the stage's throttle refused this one.", { status, requestId });
  }
  const said = typeof message === "string" ? `: ${message}` : "";
  return new ApiError("gateway", `The API answered ${status}${said}`, { status, requestId });
}
