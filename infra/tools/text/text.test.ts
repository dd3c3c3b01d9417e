import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { checkLines } from "./lines";
import { checkLinks } from "./links";

const word = "an" + "ew"; // a banned word, which this file itself must not have
const folder = mkdtempSync(path.join(os.tmpdir(), "text-"));
afterAll(() => rmSync(folder, { recursive: true }));

const wide = (columns: number, start = "") => start.padEnd(columns, "word ").replace(/ $/, "x");

describe("the width of lines", () => {
  it.each([
    ["a.ts", wide(120, "const a = "), 0],
    ["a.ts", wide(121, "const a = "), 1],
    ["a.ts", wide(100, "  // "), 0],
    ["a.ts", wide(101, "  // "), 1],
    ["a.ts", wide(101, "   * "), 1],
    ["a.md", wide(100), 0],
    ["a.md", wide(101), 1],
    ["a.md", wide(200, "| table | "), 0],
    ["a.md", `\`\`\`\n${wide(200)}\n\`\`\`\n`, 0],
    ["a.md", `\`\`\`\n\`\`\`\n${wide(101)}`, 1],
    ["a.ts", `// https://example.com/${"a".repeat(100)}`, 0],
  ])("%s: %j has %i lines that are too long", (file, text, count) => {
    expect(checkLines(file, text)).toHaveLength(count);
  });

  it("names the line", () => {
    expect(checkLines("a.md", `\n${wide(101)}`)).toEqual([{ line: 2, problem: "101 columns: expected at most 100" }]);
  });
});

it("a banned phrase is found in prose, and not inside of another word", () => {
  expect(checkLines("a.ts", `// starts ${word}`)).toEqual([{ line: 1, problem: `"${word}": better "again"` }]);
  expect(checkLines("a.ts", `// re${word}al`)).toEqual([]);
});

describe("links", () => {
  writeFileSync(path.join(folder, "other.md"), "# A page\n\n## `ops` and *more*: 1.2\n\n## Twice\n\n## Twice\n");
  // GitHub gives the second heading of the same text the suffix -1.
  it.each([
    ["[a](other.md)", 0],
    ["[a](nowhere.md)", 1],
    ["[a](other.md#a-page)", 0],
    ["[a](other.md#ops-and-more-12)", 0],
    ["[a](other.md#twice-1)", 0],
    ["[a](other.md#twice-2)", 1],
    ["# Here\n\n[a](#here)", 0],
    ["# Here\n\n[a](#there)", 1],
    ["[over two\nlines](nowhere.md)", 1],
    ["![an image](nowhere.png)", 1],
    ["[a](https://example.com/#x), [b](mailto:a@example.com)", 0],
    ["```\n[a](nowhere.md)\n```", 0],
  ])("%j has %i broken links", (text, count) => {
    expect(checkLinks(path.join(folder, "page.md"), text)).toHaveLength(count);
  });
});
