/** A filter pattern that CloudWatch Logs refuses, and what was expected in its place. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

export type Matches = (text: string) => boolean;

/** What stands between quotes. */
export function unescaped(quoted: string): string {
  return quoted.replaceAll(/\\(["\\])/g, "$1");
}

/** Throws a PatternError for what is no regular expression. */
export function matcherOf(regex: string): Matches {
  try {
    const expression = new RegExp(regex);
    return (text) => expression.test(text);
  } catch (error) {
    throw new PatternError(`%${regex}% is no regular expression: ${(error as Error).message}`);
  }
}
