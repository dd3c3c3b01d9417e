/** Characters of a secret that nobody can guess. edge.ts requires as many. */
const MIN_LENGTH = 32;

/**
 * Maximum length of a custom header's value:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_LENGTH = 1783;

/**
 * Returns a secret of the edge without white space at its ends: `sst secret set` keeps the line
 * feed of a piped value. Throws an Error, without the value, if CloudFront could not send the
 * secret or someone could guess it.
 *
 * @param name of the `sst.Secret`
 */
export function readOriginSecret(name: string, value: string): string {
  const secret = value.trim();
  // A space separates two secrets in the functions' variable. Other characters are not safe in a
  // header.
  const isHeaderValue = /^[\x21-\x7e]+$/.test(secret);
  if (isHeaderValue && secret.length >= MIN_LENGTH && secret.length <= MAX_LENGTH) return secret;
  const found = isHeaderValue ? `found ${secret.length} characters` : "found other characters, or none";
  throw new Error(
    `secret ${name}: expected ${MIN_LENGTH} to ${MAX_LENGTH} visible ASCII characters without a space, ${found}. ` +
      `Set it with: npx --yes pnpm@12 exec sst secret set ${name} "$(openssl rand -hex 32)" --stage STAGE`,
  );
}

/**
 * Does the same for the previous secret. Returns `undefined` if its value is the placeholder, a
 * space.
 */
export function readPreviousSecret(name: string, value: string): string | undefined {
  return value.trim() === "" ? undefined : readOriginSecret(name, value);
}
