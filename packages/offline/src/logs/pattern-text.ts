/** A filter pattern that CloudWatch Logs refuses, and what was expected in its place. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

export type Matches = (text: string) => boolean;

/** What stands between quotes. */
export function unescaped(quoted: string): string {
  return quoted.replaceAll(/\\(["\\])/g, "$1");
}

// FilterAndPatternSyntax.html, "Supported regular expressions": no parentheses, nothing beyond ASCII.
const SUPPORTED = /^(?:[A-Za-z0-9:_#=@/;,\- ^$?[\]{}|*+.]|\\[dDsSwW\\^$?[\]{}|*+./:_#=@;,-]|\\x[0-9A-Fa-f]{2})+$/;

/** Throws a PatternError for what is no regular expression, and for what CloudWatch Logs does not support of them. */
export function matcherOf(regex: string): Matches {
  if (!SUPPORTED.test(regex)) throw new PatternError(`%${regex}% has what CloudWatch Logs does not support`);
  try {
    const expression = new RegExp(regex);
    return (text) => expression.test(text);
  } catch (error) {
    throw new PatternError(`%${regex}% is no regular expression: ${(error as Error).message}`);
  }
}
