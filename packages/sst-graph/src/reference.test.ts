import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Value } from "./graph";
import {
  escapeMarker,
  joinPieces,
  looksLikeMarker,
  type Piece,
  referencesIn,
  splitPieces,
  unescapeMarker,
} from "./reference";

describe("joinPieces", () => {
  it.each<[string, Piece[], unknown]>([
    ["text is text", [{ text: "plain" }], "plain"],
    ["nothing is the empty text", [], ""],
    ["a single reference is its marker", [{ ref: "urn:a#arn" }], { ref: "urn:a#arn" }],
    ["a single secret is its marker", [{ secret: "Password" }], { secret: "Password" }],
    ["a reference in a text stays visible", [{ ref: "urn:a#arn" }, { text: "/*" }], "${urn:a#arn}/*"],
    ["a secret in a text stays visible", [{ text: "key=" }, { secret: "Key" }], "key=${secret:Key}"],
    ["a variable of the access log does not change", [{ text: '"$context.path"' }], '"$context.path"'],
    ["a text like a reference is escaped", [{ text: "${x}" }], "${$}{x}"],
    ["a dollar sign before a reference does not hide it", [{ text: "$" }, { ref: "urn:a#id" }], "${$}${urn:a#id}"],
  ])("%s", (_title, pieces, expected) => {
    expect(joinPieces(pieces)).toEqual(expected);
  });

  it("is reversed by splitPieces for any texts", { tags: ["sampled"] }, () => {
    const dollars = fc.string({ unit: fc.constantFrom("$", "{", "}", "a", ":", "secret:") });
    const pieces = fc.array(fc.tuple(dollars, fc.constantFrom<Piece>({ ref: "urn:a::b#arn" }, { secret: "Key" })));
    fc.assert(
      fc.property(pieces, dollars, (pairs, last) => {
        const all = [...pairs.flatMap(([text, piece]) => [{ text }, piece]), { text: last }];
        const given = all.filter((piece) => !("text" in piece) || piece.text !== "");
        const written = joinPieces(given);
        expect(typeof written === "string" ? splitPieces(written) : [written]).toEqual(given);
      }),
      sampled({ suite: 500, soak: 50000 }),
    );
  });
});

describe("splitPieces", () => {
  it("reports a text with an unterminated reference", () => {
    expect(() => splitPieces("a${urn:b")).toThrow('unterminated reference in "a${urn:b"');
  });
});

describe("referencesIn", () => {
  it.each<[string, Value, string[]]>([
    ["a reference", { ref: "urn:a#id" }, ["urn:a#id"]],
    ["a text", "${urn:a#arn}/*/${urn:b#name}", ["urn:a#arn", "urn:b#name"]],
    ["a text with a repeated reference", "${urn:a#arn},${urn:a#arn}", ["urn:a#arn"]],
    ["a policy", { json: { Resource: [{ ref: "urn:a#arn" }, "${urn:a#arn}/*"] } }, ["urn:a#arn"]],
    [
      "a value with a secret and an escaped dollar sign",
      { a: { secret: "Key" }, b: "${$}{x}", c: [1, null, true] },
      [],
    ],
  ])("finds the references in %s", (_title, value, expected) => {
    expect(referencesIn(value)).toEqual(expected);
  });
});

describe("escapeMarker", () => {
  it.each([
    [{ ref: "x" }, { $ref: "x" }],
    [{ secret: 1 }, { $secret: 1 }],
    [{ json: {} }, { $json: {} }],
    [{ asset: null }, { $asset: null }],
    [{ unknown: "x" }, { $unknown: "x" }],
    [{ $unknown: "x" }, { $$unknown: "x" }],
    [{ $ref: "x" }, { $$ref: "x" }],
    [
      { ref: "x", other: 1 },
      { ref: "x", other: 1 },
    ],
    [{ $schema: "x" }, { $schema: "x" }],
    [{}, {}],
  ])("turns %j into %j, and unescapeMarker reverses it", (value, escaped) => {
    expect(escapeMarker(value as Record<string, Value>)).toEqual(escaped);
    expect(looksLikeMarker(escaped)).toBe(false);
    expect(unescapeMarker(escaped as Record<string, Value>)).toEqual(value);
  });
});

describe("looksLikeMarker", () => {
  it.each([
    [{ ref: "x" }, true],
    [{ json: {} }, true],
    [{ ref: "x", other: 1 }, false],
    [{ reference: "x" }, false],
    [["ref"], false],
    ["ref", false],
    [null, false],
  ])("%j: %s", (value, expected) => {
    expect(looksLikeMarker(value)).toBe(expected);
  });
});
