import { MAX_REGEXES, PatternError, tooManyRegexes, unescapeText, wildcard } from "./pattern-text";
import { compileRegex } from "./regex";

export type Condition = (message: unknown) => boolean;

const TOKEN =
  /\s*(?:(\{|\}|\(|\)|&&|\|\||!=|>=|<=|=|<|>)|(\$(?:\.?\[(?:\d+|\*|"[^"]*"|'[^']*')\]|\.[\w*-]+)*)|"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s(){}&|=<>!"%]+))/y;

type Token =
  | { kind: "symbol" | "selector" | "quoted" | "regex" | "word"; text: string }
  | { kind: "end"; text: "the end" };

/**
 * Parses the condition of a pattern such as
 * `{ $.status >= 500 && ($.routeKey = "POST /x" || $.user NOT EXISTS) }`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
 *
 * @throws PatternError with the expected syntax, and what was found instead
 */
export function parseCondition(pattern: string): Condition {
  const tokens = tokensOf(pattern);
  if (tokens.filter(({ kind }) => kind === "regex").length > MAX_REGEXES) throw tooManyRegexes();
  let at = 0;
  expect("{");
  const condition = either();
  expect("}");
  if (peek().kind !== "end") throw wrong("the end after }");
  return condition;

  function either(): Condition {
    const conditions = [all()];
    while (take("||")) conditions.push(all());
    return (message) => conditions.some((holds) => holds(message));
  }

  function all(): Condition {
    const conditions = [single()];
    while (take("&&")) conditions.push(single());
    return (message) => conditions.every((holds) => holds(message));
  }

  function single(): Condition {
    if (take("(")) {
      const inner = either();
      expect(")");
      return inner;
    }
    const selector = next("selector", "a property such as $.status");
    return comparison(select(selector));
  }

  function comparison(valuesIn: (message: unknown) => unknown[]): Condition {
    const { kind, text } = peek();
    if (kind === "word" && text === "NOT") {
      at++;
      keyword(["EXISTS"]);
      return (message) => valuesIn(message).length === 0;
    }
    if (kind === "word" && text === "IS") {
      at++;
      const wanted = { NULL: null, TRUE: true, FALSE: false }[keyword(["NULL", "TRUE", "FALSE"])];
      return (message) => valuesIn(message).some((value) => value === wanted);
    }
    const operator = next("symbol", "an operator: =, !=, <, <=, >, >=, IS or NOT EXISTS");
    const test = testOf(operator);
    return (message) => valuesIn(message).some(test);
  }

  function testOf(operator: string): (value: unknown) => boolean {
    const { kind, text } = tokens[at++] ?? END;
    const number = kind === "word" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    if (operator === "=" || operator === "!=") {
      const equals = equality(kind, text, number);
      // Only strings and numbers can be compared: any other value fails both = and !=.
      return (value) => isComparable(value) && equals(value) === (operator === "=");
    }
    const order = ORDER[operator];
    if (order === undefined) throw wrong("an operator: =, !=, <, <=, >, >=, IS or NOT EXISTS", at - 2);
    if (number === undefined) throw wrong("a number", at - 1);
    return (value) => typeof value === "number" && order(value, number);
  }

  function equality(kind: Token["kind"], text: string, number: number | undefined) {
    if (kind === "regex") {
      const matches = compileRegex(text);
      return (value: string | number) => matches(String(value));
    }
    if (kind !== "quoted" && kind !== "word") throw wrong("a number, a string or %a regular expression%", at - 1);
    const matches = wildcard(kind === "quoted" ? unescapeText(text) : text);
    return (value: string | number) =>
      typeof value === "number" && number !== undefined ? value === number : matches(String(value));
  }

  function keyword<Word extends string>(words: Word[]): Word {
    const { kind, text } = tokens[at++] ?? END;
    const word = words.find((candidate) => candidate === text);
    if (kind !== "word" || word === undefined) throw wrong(words.join(" or "), at - 1);
    return word;
  }

  function next(kind: Token["kind"], what: string): string {
    const token = peek();
    if (token.kind !== kind) throw wrong(what);
    at++;
    return token.text;
  }

  function take(symbol: string): boolean {
    const { kind, text } = peek();
    const isNext = kind === "symbol" && text === symbol;
    if (isNext) at++;
    return isNext;
  }

  function expect(symbol: string): void {
    if (!take(symbol)) throw wrong(symbol);
  }

  function peek(): Token {
    return tokens[at] ?? END;
  }

  function wrong(what: string, where = at): PatternError {
    return new PatternError(`expected ${what}, found ${(tokens[where] ?? END).text}`);
  }
}

const END: Token = { kind: "end", text: "the end" };

const ORDER: Record<string, (value: number, bound: number) => boolean> = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  const text = pattern.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new PatternError(`"${text.slice(from, from + 30)}" cannot be read`);
    const [, symbol, selector, quoted, regex, word = ""] = match;
    if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
    else if (selector !== undefined) tokens.push({ kind: "selector", text: selector });
    else if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted });
    else if (regex !== undefined) tokens.push({ kind: "regex", text: regex });
    else tokens.push({ kind: "word", text: word });
  }
  return tokens;
}

function isComparable(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/**
 * Compiles a selector. `$.a[0]["c d"]` selects one value, and `$.a[*]` all values of `a`. A path
 * that does not exist selects nothing.
 */
function select(selector: string): (message: unknown) => unknown[] {
  const steps = [...selector.matchAll(/\[(\d+|\*)\]|\[(?:"([^"]*)"|'([^']*)')\]|\.([\w*-]+)/g)].map(
    ([, index, quoted, other, name = ""]) => index ?? quoted ?? other ?? name,
  );
  return (message) =>
    steps.reduce<unknown[]>((values, step) => values.flatMap((value) => membersOf(value, step)), [message]);
}

function membersOf(value: unknown, step: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (step === "*") return Object.values(value);
  return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
}
