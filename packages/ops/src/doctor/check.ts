import type { Account } from "../aws/account";
import type { Declared } from "../declared";
import { explained } from "../explained";

export type Verdict =
  | { verdict: "ok"; detail: string }
  | { verdict: "finding"; detail: string; fix: string }
  | { verdict: "unchecked"; detail: string; fix?: string };

export type CheckResult = Verdict & { check: string };

export interface Check {
  name: string;
  run(context: CheckContext): Promise<Verdict[]>;
}

export interface CheckContext {
  account: Account;
  declared: Declared;
  env: NodeJS.ProcessEnv;
  /** Prefix that the user pool's domain has, or would have. */
  cognitoDomain?: string;
}

export const ok = (detail: string): Verdict => ({ verdict: "ok", detail });
export const finding = (detail: string, fix: string): Verdict => ({ verdict: "finding", detail, fix });

/**
 * All checks, each for itself: one that fails says why it could not be made, and the others go on.
 */
export async function* checked(
  checks: Check[],
  context: CheckContext,
  signal: AbortSignal,
): AsyncGenerator<CheckResult> {
  for (const { name, run } of checks) {
    let verdicts: Verdict[];
    try {
      verdicts = await run(context);
    } catch (error) {
      signal.throwIfAborted();
      verdicts = [{ verdict: "unchecked", ...reasonOf(error) }];
    }
    for (const verdict of verdicts) yield { check: name, ...verdict };
  }
}

function reasonOf(error: unknown): { detail: string; fix?: string } {
  const detail = explained(error);
  return /AccessDenied|UnauthorizedOperation|not authorized/.test(detail)
    ? { detail, fix: "call with credentials that may do this, or ask someone who has them" }
    : { detail };
}
