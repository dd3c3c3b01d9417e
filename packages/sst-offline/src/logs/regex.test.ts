import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { PatternError, wildcard } from "./pattern-text";
import { compileRegex } from "./regex";

describe("a regular expression of a filter pattern", () => {
  // The examples of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
  it.each<[string, string[], string[]]>([
    ["AUTHORIZED", ["[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] AUTHORIZED REQUEST"], ["authorized"]],
    ["^[hc]at", ["hat", "cat", "hat rack"], ["the hat", "bat"]],
    ["[hc]at$", ["hat", "the cat"], ["cats"]],
    ["colou?r", ["color", "colour"], ["colouur"]],
    ["[abcx-z]", ["a", "x", "y", "z"], ["d", "w"]],
    ["^a{3,5}$", ["aaa", "aaaa", "aaaaa"], ["aa", "aaaaaa"]],
    ["^a{3, 5}$", ["aaa", "aaaaa"], ["aa", "aaaaaa"]],
    ["^a{3,}$", ["aaa", "aaaaaaaaa"], ["aa"]], // "Either m or n can be omitted"
    ["^a{,3}$", ["", "a", "aaa"], ["aaaa"]],
    ["gra|ey", ["gray", "grey"], ["gry"]],
    ["^starting|^initializing|^shutting down", ["starting ...", "shutting down"], ["skipping initializing ..."]],
    ["abcc|ab[^c]$", ["abcc ...", "... aba"], ["aac ..."]],
    ["\\[.\\]", ["[a]", "[7]", "[@]", "[]]", "[ ]"], ["[]", "[ab]"]],
    ["10\\.10\\.0\\.1", ["10.10.0.1"], ["10010,051"]],
    ["ab*c", ["ac", "abc", "abbbc"], ["adc"]],
    ["ab+c", ["abc", "abbc"], ["ac"]],
    [".at", ["hat", "4at"], ["at"]],
    ["\\x3A", [":"], [";"]],
    ["\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}", ["from 111.2.33.4"], ["1.2.3"]],
    ["[Ee]rror|[Ff]ail", ["Error", "error", "Failure", "fail"], ["ERROR"]],
  ])("%s finds the documented messages", (regex, found, missed) => {
    const matches = compileRegex(regex);
    expect([...found, ...missed].filter(matches)).toEqual(found);
  });

  it.each([
    "*a",
    "a**",
    "a{2",
    "a{3,2}",
    "a{}",
    "a{,}",
    "[",
    "[]",
    "[z-a]",
    "[\\d-z]",
    "a]",
    "}",
    "(a)",
    "a!",
    "é",
    "a{9999}",
  ])("%s is rejected", (regex) => expect(() => compileRegex(regex)).toThrow(PatternError));

  // Compared with V8's RegExp, on texts short enough for it.
  it("finds the same messages as RegExp", () => {
    const character = fc.constantFrom(
      "a",
      "b",
      "-",
      ".",
      "[ab]",
      "[^a]",
      "[a-c-]",
      "\\d",
      "\\W",
      "\\s",
      "\\x61",
      "\\.",
    );
    const quantifier = fc.constantFrom("", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,1}", "{1,}", "+?");
    const element = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(character, quantifier).map((pair) => pair.join("")) },
      { weight: 1, arbitrary: fc.constantFrom("^", "$", "|") },
    );
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "-", ".", "1", " ", "\n", "é"), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1, maxLength: 6 }),
        fc.array(text, { maxLength: 8 }),
        (parts, texts) => {
          const regex = parts.join("");
          const [ours, theirs] = [compileRegex(regex), new RegExp(regex)];
          for (const candidate of texts)
            expect([candidate, ours(candidate)]).toEqual([candidate, theirs.test(candidate)]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  // RegExp needs exponential time for these.
  it.each([".*.*.*.*.*.*.*.*.*.*.*.*x", "a*a*a*a*a*a*a*a*a*a*a*a*a*a*c", "[ab]*a[ab]{200}c"])(
    "%s looks at each character of a long message once",
    (regex) => expect(compileRegex(regex)("ab".repeat(5_000))).toBe(false),
  );
});

describe("a text with wildcards", () => {
  const toRegExp = (text: string) => new RegExp(`^${text.split("*").map(escaped).join("[^]*")}$`);
  const escaped = (part: string) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");

  it("matches the same texts as the RegExp", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "*", "."), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (wild, value) => {
        expect(wildcard(wild)(value)).toBe(toRegExp(wild).test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes linear time even with many wildcards", () => {
    expect(wildcard(`${"a*".repeat(500)}b`)("a".repeat(100_000))).toBe(false);
  });
});
