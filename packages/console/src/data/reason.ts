import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { type Refusal, refusalOf } from "@backend/platform/traffic/refusal";

/** The checks of a request, in API Gateway's order. */
export const CHECKS = ["Route", "Rate limit", "Auth", "Size", "Function"] as const;
export type Check = (typeof CHECKS)[number];

export interface Reason {
  /** The check that failed. The ones before it passed, the ones after it did not run. */
  failed: Check;
  headline: string;
  explanation: string;
  /** True if the function itself returned the status. */
  isResponse: boolean;
  /** The error message in the log. */
  logged?: string | undefined;
}

export const REJECTION_LABELS: Record<Refusal, string> = {
  throttled: "429 Rate limited",
  unauthorized: "401 Missing or invalid token",
  forbidden: "403 Missing scope",
  "not-found": "404 No matching route",
  "too-large": "413 Request too large",
  "integration-failed": "5xx Function error or timeout",
  other: "Other",
};

const REJECTION_STATUSES: Record<Refusal, string | undefined> = {
  throttled: "429",
  unauthorized: "401",
  forbidden: "403",
  "not-found": "404",
  "too-large": "413",
  "integration-failed": "5xx",
  other: undefined,
};

/** A filter of the access log for one kind of rejection. */
export interface RejectionFilter {
  label: string;
  /** A filter of the API that finds these requests, and others. */
  status: string | undefined;
  matches(entry: AccessLogEntry): boolean;
}

/** Returns the filter for a kind of rejection in a URL; undefined if there is no such kind. */
export function rejectionFilter(name: string): RejectionFilter | undefined {
  if (!Object.hasOwn(REJECTION_LABELS, name)) return undefined;
  const kind = name as Refusal;
  return {
    label: REJECTION_LABELS[kind],
    status: REJECTION_STATUSES[kind],
    matches: (entry) => refusalOf(entry) === kind,
  };
}

/** Returns why a request failed; undefined if it succeeded. */
export function reasonOf(entry: AccessLogEntry): Reason | undefined {
  const { status, authorizerError, errorMessage, integrationError } = entry;
  if (status < 400) return undefined;
  const refusal = refusalOf(entry);
  const logged = authorizerError ?? integrationError ?? errorMessage;
  if (refusal === undefined) {
    const headline = status < 500 ? "Rejected by the function." : "The function returned an error.";
    return { failed: "Function", headline, explanation: explainResponse(entry), isResponse: true };
  }
  if (refusal === "integration-failed") {
    const explanation = explainFunctionError(status);
    return { failed: "Function", headline: "Function error.", explanation, isResponse: false, logged };
  }
  const rejected = (failed: Check, explanation: string): Reason => {
    const headline = `Rejected by API Gateway: ${failed.toLowerCase()}.`;
    return { failed, headline, explanation, isResponse: false, logged };
  };
  if (refusal === "throttled") return rejected("Rate limit", "Rate limit exceeded.");
  if (refusal === "not-found") return rejected("Route", "No route matches this method and path.");
  if (refusal === "too-large") return rejected("Size", "The request exceeds API Gateway's size limit.");
  if (refusal === "unauthorized") return rejected("Auth", explainUnauthorized(authorizerError));
  if (refusal === "forbidden")
    return rejected("Auth", "The token is valid, but it is missing the scope that this route requires.");
  return rejected(authorizerError === undefined ? "Route" : "Auth", "API Gateway returned this error.");
}

export type CheckOutcome = "OK" | "Failed" | "Rejected" | "Skipped" | "Public";

/** Returns the outcome of one check. */
export function outcomeOf(check: Check, reason: Reason | undefined, { status, client }: AccessLogEntry): CheckOutcome {
  const at = CHECKS.indexOf(check);
  const failedAt = reason === undefined ? CHECKS.length : CHECKS.indexOf(reason.failed);
  if (at > failedAt) return "Skipped";
  if (at === failedAt) return reason?.isResponse === true && status < 500 ? "Rejected" : "Failed";
  return check === "Auth" && client === undefined ? "Public" : "OK";
}

function explainUnauthorized(error: string | undefined): string {
  if (error === undefined || /^missing|not provided/i.test(error)) return "No token was sent.";
  if (/JWKS|communication/i.test(error)) return "API Gateway couldn't fetch the user pool's signing keys.";
  if (/expired/i.test(error)) return "The token has expired.";
  if (/audience|client/i.test(error)) return "The token was issued to a different client.";
  if (/issuer/i.test(error)) return "The token was issued by a different user pool.";
  if (/signature|verif/i.test(error)) return "Invalid signature: the token was altered or signed with another key.";
  if (/not valid yet|in the future/i.test(error)) return "The token isn't valid yet (clock skew).";
  return "The token was rejected.";
}

function explainFunctionError(status: number): string {
  if (status === 503) return "The function timed out or hit its concurrency limit.";
  if (status === 504) return "The function timed out.";
  return "The function failed or returned an invalid response. See its log.";
}

function explainResponse({ status, user, client }: AccessLogEntry): string {
  if (status === 403 && user === undefined && client === undefined) return "The request bypassed CloudFront.";
  if (status === 403) return "The token is valid, but the caller is missing a scope, group or tenant.";
  if (status === 400) return "Invalid input. The response body says which fields.";
  if (status === 404) return "Nothing with this id is visible to the caller.";
  if (status === 405) return "Method not allowed.";
  if (status === 413) return "Request body too large.";
  if (status === 415) return "Unsupported content type.";
  if (status === 422) return "This Idempotency-Key was already used with a different body.";
  if (status === 429) return "A downstream service is rate limiting.";
  if (status === 503) return "A downstream service is unavailable.";
  return `The function returned ${status}.`;
}
