import { describe, expect, it } from "vitest";

import { fit, paintFor, widthOf, wrap, wrapLines } from "./screen";

describe("paintFor", () => {
  // https://no-color.org; https://force-color.org
  it.each<[NodeJS.ProcessEnv, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
  ])("with %j on a terminal (%s) colours text: %s", (env, isTTY, isColoured) => {
    expect(paintFor({ isTTY }, env).red("a")).toBe(isColoured ? "\u001b[31ma\u001b[0m" : "a");
  });
});

describe("widthOf", () => {
  it.each<[number | undefined, NodeJS.ProcessEnv, number]>([
    [132, {}, 132],
    [132, { COLUMNS: "100" }, 132],
    [undefined, { COLUMNS: "100" }, 100],
    [undefined, { COLUMNS: "wide" }, 80],
    [0, {}, 80], // a terminal without a known size
    [1, {}, 40],
  ])("of %s columns with %j is %i", (columns, env, width) => {
    expect(widthOf({ ...(columns !== undefined && { columns }) }, env)).toBe(width);
  });
});

it("wrap breaks lines at spaces, and leaves longer words whole", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("see https://example.com/a now", 7)).toEqual(["see", "https://example.com/a", "now"]);
});

it("wrapLines keeps line breaks and margins", () => {
  expect(wrapLines("one two\n  three four", 8)).toBe("one two\n  three\n  four");
  expect(wrapLines("one two", 5, "  ")).toBe("one\n  two");
});

it("fit cuts at the width", () => {
  expect([fit("abcd", 4), fit("abcde", 4)]).toEqual(["abcd", "abc…"]);
});
