import { createHash } from "node:crypto";

/**
 * Prefix of the sign-in page's domain: unique in a region over all AWS accounts, and the same each time for one stage of
 * one account, which it does not name.
 *
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
 */
export function domainPrefix(app: string, stage: string, accountId: string): string {
  const suffix = createHash("sha256")
    .update(JSON.stringify([app, stage, accountId]))
    .digest("hex")
    .slice(0, 12);
  const stem = `${app}-${stage}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, "-")
    .replace(/^-+/, "")
    .slice(0, LONGEST - suffix.length - 1);
  return `${withoutReserved(stem)}-${suffix}`.replace(/^-+/, "");
}

const LONGEST = 63;

/** A stage may be called "dawson"; Cognito refuses a prefix that holds "aws" anywhere. */
function withoutReserved(text: string): string {
  return text.replaceAll(/aws|amazon|cognito/g, (word) => "x".repeat(word.length));
}
