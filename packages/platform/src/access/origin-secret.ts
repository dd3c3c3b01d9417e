/** Characters of a secret that nobody can guess. edge.ts requires as many. */
const MIN_LENGTH = 32;

/**
 * Maximum length of a custom header's value:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_LENGTH = 1783;

/**
 * Returns a secret of the edge without white space at its ends: `sst secret set` keeps the line feed of a value that
 * is piped into it. Throws an Error, without the value, for one that CloudFront could not send or anyone could guess.
 *
 * @param name of the `sst.Secret`
 */
export function readOriginSecret(name: string, value: string): string {
  const secret = value.trim();
  // A space separates two secrets in the functions' variable; a header holds no other character safely.
  const isHeaderValue = /^[\x21-\x7e]+$/.test(secret);
  if (isHeaderValue && secret.length >= MIN_LENGTH && secret.length <= MAX_LENGTH) return secret;
  const found = isHeaderValue ? `found ${secret.length} characters` : "found other characters, or none";
  throw new Error(
    `secret ${name}: expected ${MIN_LENGTH} to ${MAX_LENGTH} visible ASCII characters without a space, ${found}. ` +
      `Set it with: npx --yes pnpm@12 exec sst secret set ${name} "$(openssl rand -hex 32)" --stage STAGE`,
  );
}

/** The same for the secret that was in use before. Returns `undefined` if there is none: its placeholder is a space. */
export function readPreviousSecret(name: string, value: string): string | undefined {
  return value.trim() === "" ? undefined : readOriginSecret(name, value);
}
