import { parseCondition } from "./json-pattern";
import { MAX_REGEXES, type Matches, PatternError, tooManyRegexes, unescapeText } from "./pattern-text";
import { compileRegex } from "./regex";

/**
 * Compiles a filter pattern of CloudWatch Logs: terms, or `{ ... }` with conditions on a JSON
 * message. An empty pattern matches every message.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws PatternError with the expected syntax
 */
export function compileFilterPattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text.startsWith("{")) return jsonMatcher(text);
  if (text.startsWith("[")) throw new PatternError("patterns with space-delimited fields are not supported offline");
  return termMatcher(termsOf(text));
}

function jsonMatcher(text: string): Matches {
  const condition = parseCondition(text);
  return (message) => {
    if (!message.trimStart().startsWith("{")) return false;
    try {
      return condition(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

interface Term {
  /** `-`: the term must be absent. `?`: one of the terms with `?` must be present. */
  sign: "" | "-" | "?";
  isIn: Matches;
}

/** CloudWatch Logs ignores terms with `?` if the pattern has other terms, too. */
function termMatcher(terms: Term[]): Matches {
  const optional = terms.filter(({ sign }) => sign === "?");
  const others = terms.filter(({ sign }) => sign !== "?");
  if (others.length === 0 && optional.length > 0) return (message) => optional.some(({ isIn }) => isIn(message));
  return (message) => others.every(({ sign, isIn }) => isIn(message) === (sign === ""));
}

function termsOf(text: string): Term[] {
  const terms: Term[] = [];
  let regexes = 0;
  let rest = text;
  while (rest !== "") {
    const match = /^([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([A-Za-z0-9_]+))(?:\s+|$)/.exec(rest);
    if (match === null) {
      throw new PatternError(`expected a term at "${rest.slice(0, 30)}": letters, digits and _, or anything in quotes`);
    }
    const [whole, sign = "", quoted, regex, word = ""] = match;
    if (regex !== undefined && ++regexes > MAX_REGEXES) throw tooManyRegexes();
    const term = quoted === undefined ? word : unescapeText(quoted);
    const isIn = regex === undefined ? (message: string) => message.includes(term) : compileRegex(regex);
    terms.push({ sign: sign as Term["sign"], isIn });
    rest = rest.slice(whole.length);
  }
  return terms;
}
