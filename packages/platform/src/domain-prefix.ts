import { createHash } from "node:crypto";

/**
 * Returns the prefix of the sign-in page's domain. It is stable for a stage of an account, and
 * unique in a region across all AWS accounts. It does not reveal the account id.
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
    .slice(0, MAX_PREFIX_LENGTH - suffix.length - 1);
  return `${maskReservedWords(stem)}-${suffix}`.replace(/^-+/, "");
}

const MAX_PREFIX_LENGTH = 63;

/** Cognito rejects a prefix that contains "aws" anywhere, as in a stage called "dawson". */
function maskReservedWords(text: string): string {
  return text.replaceAll(/aws|amazon|cognito/g, (word) => "x".repeat(word.length));
}
