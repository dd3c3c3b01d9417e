/** Reports a filter pattern that CloudWatch Logs rejects. The message has the expected syntax. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html, "Quotas" */
export const MAX_REGEXES = 2;

export function tooManyRegexes(): PatternError {
  return new PatternError(`expected at most ${MAX_REGEXES} regular expressions`);
}

export type Matches = (text: string) => boolean;

/** Unescapes the contents of a quoted text, in which `\` escapes quotes and backslashes. */
export function unescapeText(quoted: string): string {
  return quoted.replaceAll(/\\(["\\])/g, "$1");
}

/** Compiles a text in which `*` matches any characters. Matching takes linear time. */
export function wildcard(text: string): Matches {
  const [first = "", ...rest] = text.split("*");
  const last = rest.pop();
  if (last === undefined) return (value) => value === text;
  return (value) => {
    const end = value.length - last.length;
    let at = first.length;
    if (at > end || !value.startsWith(first) || !value.endsWith(last)) return false;
    for (const part of rest) {
      const found = value.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
