import { PatternError } from "./pattern-text";

/** A character to match, or an anchor at the start or the end of the message. */
export type Element = { matches: CharacterSet; isOptional: boolean; isRepeated: boolean } | { anchor: "^" | "$" };

/** True at the code of each member. The last entry stands for all characters outside ASCII. */
type CharacterSet = boolean[];
const CHARACTERS = 129;

// Without parentheses and characters outside ASCII:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
const SUPPORTED = /^(?:[A-Za-z0-9:_#=@/;,\- ^$?[\]{}|*+.]|\\[dDsSwW\\^$?[\]{}|*+./:_#=@;,-]|\\x[0-9A-Fa-f]{2})+$/;

/**
 * Limits the elements after expansion of repetitions, and so the time per character of a message.
 */
const MAX_ELEMENTS = 512;

/** Also accepts lazy quantifiers, which match the same messages. */
const QUANTIFIER = /(?:([?*+])|\{(\d{0,4})(, *)?(\d{0,4})\})\??/y;

/**
 * Parses a regular expression of a filter pattern.
 *
 * @returns the alternatives, with expanded repetitions
 * @throws PatternError that describes the fault
 */
export function parseRegex(regex: string): Element[][] {
  if (!SUPPORTED.test(regex)) throw wrong("contains syntax that CloudWatch Logs does not support");
  const alternatives: Element[][] = [[]];
  let at = 0;
  let count = 0;
  while (at < regex.length) {
    if (take("|")) {
      alternatives.push([]);
      continue;
    }
    const elements = term();
    count += elements.length;
    if (count > MAX_ELEMENTS)
      throw wrong(`is too long: its repetitions add up to more than ${MAX_ELEMENTS} characters`);
    alternatives.at(-1)?.push(...elements);
  }
  return alternatives;

  function term(): Element[] {
    for (const anchor of ["^", "$"] as const) if (take(anchor)) return [{ anchor }];
    const matches = characters();
    const [least, most] = bounds();
    const isEndless = most === Number.POSITIVE_INFINITY;
    const length = isEndless ? Math.max(least, 1) : most;
    return Array.from({ length: Math.min(length, MAX_ELEMENTS + 1) }, (_, index) => {
      return { matches, isOptional: index >= least, isRepeated: isEndless && index === length - 1 };
    });
  }

  /** Reads the quantifier of the previous term. */
  function bounds(): [least: number, most: number] {
    QUANTIFIER.lastIndex = at;
    const [whole, sign, least = "", comma, most = ""] = QUANTIFIER.exec(regex) ?? [];
    if (whole === undefined) return [1, 1];
    at += whole.length;
    if (sign === "?") return [0, 1];
    if (sign !== undefined) return [sign === "*" ? 0 : 1, Number.POSITIVE_INFINITY];
    const last = comma === undefined ? least : most || Number.POSITIVE_INFINITY;
    const isRange = (least !== "" || most !== "") && Number(least) <= Number(last);
    if (!isRange || (comma === undefined && most !== "")) throw wrong(`has ${whole}, expected {m,n} with m <= n`);
    return [Number(least), Number(last)];
  }

  function characters(): CharacterSet {
    if (take("[")) return characterClass();
    if (take(".")) return setOf((code) => code !== 0x0a && code !== 0x0d);
    const character = regex.charAt(at);
    if ("?*+{}]".includes(character)) throw wrong(`has ${character} where a character was expected`);
    return character === "\\" ? escaped() : literal();
  }

  /** Reads a class after its `[`. A hyphen at either end stands for itself. */
  function characterClass(): CharacterSet {
    const isNegated = take("^");
    const members: CharacterSet[] = [];
    while (!take("]")) {
      if (at >= regex.length) throw wrong("has a [ without a ]");
      members.push(classMember());
    }
    if (members.length === 0) throw wrong("has empty brackets");
    return setOf((code) => members.some((member) => member[code]) !== isNegated);
  }

  function classMember(): CharacterSet {
    const first = regex[at] === "\\" ? escaped() : literal();
    const isRange = regex[at] === "-" && at + 1 < regex.length && regex[at + 1] !== "]";
    if (!isRange) return first;
    at++;
    const last = regex[at] === "\\" ? escaped() : literal();
    const [from, to] = [first.indexOf(true), last.indexOf(true)];
    const areCharacters = from === first.lastIndexOf(true) && to === last.lastIndexOf(true);
    if (!areCharacters || from > to) throw wrong("has an invalid range, expected a character and a later one");
    return setOf((code) => code >= from && code <= to);
  }

  function escaped(): CharacterSet {
    const letter = regex.charAt(at + 1);
    at += letter === "x" ? 4 : 2;
    if (letter === "x") return setOf((code) => code === Number.parseInt(regex.slice(at - 2, at), 16));
    return CLASSES[letter] ?? setOf((code) => code === letter.charCodeAt(0));
  }

  function literal(): CharacterSet {
    const expected = regex.charCodeAt(at++);
    return setOf((code) => code === expected);
  }

  function take(character: string): boolean {
    const isNext = regex[at] === character;
    if (isNext) at++;
    return isNext;
  }

  function wrong(problem: string): PatternError {
    return new PatternError(`%${regex}% ${problem}`);
  }
}

function setOf(isIn: (code: number) => boolean): CharacterSet {
  return Array.from({ length: CHARACTERS }, (_, code) => isIn(code));
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isSpace = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d);
const isWord = (code: number) => /^\w$/.test(String.fromCharCode(code));

const CLASSES: Record<string, CharacterSet> = {
  d: setOf(isDigit),
  D: setOf((code) => !isDigit(code)),
  s: setOf(isSpace),
  S: setOf((code) => !isSpace(code)),
  w: setOf(isWord),
  W: setOf((code) => !isWord(code)),
};
