import { UsageError } from "@backend/sst-graph/usage-error";

/** The names of a noun: `purchase-orders` and what is derived from it. */
export interface Names {
  /** In paths, permissions, groups and folders: `purchase-orders`. */
  plural: string;
  /** `purchase-order`. */
  singular: string;
}

/**
 * Endings whose singular no rule knows: `cases` and `buses`, `knives` and `archives`, `menus` and
 * `status`.
 */
const AMBIGUOUS = /((s|z|x|ch|sh|v|o|mov|cook|ser|spec)(e|ie)|[iu])s$/;

const MAX_LENGTH = 60;

/** Throws a UsageError for a name that is no noun, or whose singular has to be given. */
export function namesOf(plural: string, given?: string): Names {
  requireName(plural, "noun");
  const singular = given ?? singularOf(plural);
  if (singular === undefined)
    throw new UsageError(`noun "${plural}": its singular cannot be guessed; add --singular NAME`);
  requireName(singular, "--singular");
  if (singular === plural)
    throw new UsageError(`noun "${plural}": expected a plural that differs from the singular "${singular}"`);
  return { plural, singular };
}

function requireName(name: string, what: string): void {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= MAX_LENGTH) return;
  throw new UsageError(
    `${what} "${name}": expected at most ${MAX_LENGTH} lower-case letters, digits and hyphens, such as purchase-orders`,
  );
}

function singularOf(plural: string): string | undefined {
  if (/[^aeiou]ies$/.test(plural) && !AMBIGUOUS.test(plural)) return plural.replace(/ies$/, "y");
  return /[^s]s$/.test(plural) && !AMBIGUOUS.test(plural) ? plural.slice(0, -1) : undefined;
}

/** `purchaseOrders`. */
export function camel(name: string): string {
  return name.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}

/** `PurchaseOrders`. */
export function pascal(name: string): string {
  return camel(`-${name}`);
}

/** `PURCHASE_ORDERS`. */
export function constant(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}

/** `purchase orders`. */
export function words(name: string): string {
  return name.replaceAll("-", " ");
}

/** `an order`, `a line`. */
export function withArticle(article: string, word: string): string {
  return `${article.charAt(0)}${/^[aeiou]/.test(word) ? "n" : ""} ${word}`;
}
