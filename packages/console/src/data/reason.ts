import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { type Refusal, refusalOf } from "@backend/platform/traffic/refusal";

/** The checks that a request passes on its way, in API Gateway's order. */
export const CHECKS = ["Route", "Throttle", "Token", "Size", "Function", "Answer"] as const;
export type Check = (typeof CHECKS)[number];

export interface Reason {
  /** The check that failed: those before it were passed, those after it not reached. */
  failed: Check;
  /** Who said no. */
  by: "API Gateway" | "the function";
  words: string;
  /** What the log says of it, letter by letter. */
  said?: string | undefined;
}

export const REFUSAL_WORDS: Record<Refusal, string> = {
  throttled: "More requests than the stage's rate and burst allow",
  unauthorized: "No token, or one that is not good",
  forbidden: "The token lacks the scope of the route",
  "not-found": "No route of this method and path",
  "too-large": "Larger than API Gateway takes",
  "integration-failed": "The function failed, took too long or answered what cannot be used",
  other: "Another reason",
};

/** Why a request was not answered with success; undefined where it was. */
export function reasonOf(entry: AccessLogEntry): Reason | undefined {
  const { status, authorizerError, errorMessage, integrationError } = entry;
  if (status < 400) return undefined;
  const refusal = refusalOf(entry);
  const said = authorizerError ?? integrationError ?? errorMessage;
  if (refusal === undefined) return { failed: "Answer", by: "the function", words: answered(entry) };
  const gateway = (failed: Check, words: string): Reason => ({ failed, by: "API Gateway", words, said });
  if (refusal === "throttled") return gateway("Throttle", "More requests came than the stage's rate and burst allow.");
  if (refusal === "not-found") return gateway("Route", "No route has this method and path.");
  if (refusal === "too-large") return gateway("Size", "The request is larger than API Gateway takes.");
  if (refusal === "unauthorized") return gateway("Token", unauthorized(authorizerError));
  if (refusal === "forbidden")
    return gateway("Token", "The token is good, but lacks the scope that the route asks for.");
  if (refusal === "integration-failed") return gateway("Function", failedFunction(status));
  return gateway(authorizerError === undefined ? "Route" : "Token", "API Gateway answered this request itself.");
}

export function headlineOf({ failed, by }: Reason): string {
  return failed === "Function" ? "The function failed." : `Refused by ${by}, at the check “${failed}”.`;
}

/** What became of a check. */
export function outcomeOf(
  check: Check,
  reason: Reason | undefined,
  { client }: AccessLogEntry,
): "passed" | "failed" | "not reached" | "none asked for" {
  const [at, failed] = [CHECKS.indexOf(check), reason === undefined ? CHECKS.length : CHECKS.indexOf(reason.failed)];
  if (at > failed) return "not reached";
  if (at === failed) return "failed";
  return check === "Token" && client === undefined ? "none asked for" : "passed"; // the route is public
}

function unauthorized(error: string | undefined): string {
  if (error === undefined || /^missing|not provided/i.test(error)) return "The request came without a token.";
  if (/JWKS|communication/i.test(error)) return "API Gateway could not read the user pool's keys.";
  if (/expired/i.test(error)) return "The token has expired.";
  if (/audience|client/i.test(error)) return "The token was made for another client.";
  if (/issuer/i.test(error)) return "The token is of another user pool.";
  if (/signature|verif/i.test(error)) return "The token's signature does not fit it: somebody has changed it.";
  if (/not valid yet|in the future/i.test(error)) return "The token is not valid yet: two clocks differ.";
  return "The token is not one that the API takes.";
}

function failedFunction(status: number): string {
  if (status === 503) return "The function took longer than API Gateway waits, or too many of it ran.";
  if (status === 504) return "The function took longer than API Gateway waits.";
  return "The function failed, or answered something that API Gateway cannot use. Its log says what.";
}

function answered({ status, user, client }: AccessLogEntry): string {
  if (status === 403 && user === undefined && client === undefined)
    return "The function refused: the request did not come through the edge, which alone knows its secret.";
  if (status === 403)
    return "The token and its scope are good; the function's own check refused: a scope, a group or the tenant is missing.";
  if (status === 400) return "The function found the input wrong: its answer says what of it.";
  if (status === 404) return "The function has nothing of this id for the caller.";
  if (status === 405) return "The function does not take this method.";
  if (status === 413) return "The body is larger than the function takes.";
  if (status === 415) return "The body is of a type that the function does not take.";
  if (status === 422) return "The Idempotency-Key has been used with another body.";
  if (status === 429) return "A service that the function asks is too busy.";
  if (status === 503) return "A service that the function needs cannot be reached.";
  return `The function answered ${status} itself.`;
}
