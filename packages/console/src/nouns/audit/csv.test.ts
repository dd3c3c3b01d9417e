import { describe, expect, it } from "vitest";

import { csvOf } from "./csv";

const only = (text: string) => csvOf([[text]]).slice(0, -2);

describe("csvOf", () => {
  it("ends rows with CRLF, and quotes cells that need it", () => {
    expect(
      csvOf([
        ["id", "name"],
        ["1", 'say "hi", twice'],
      ]),
    ).toBe('id,name\r\n1,"say ""hi"", twice"\r\n');
  });

  // OWASP's list of characters, and its example:
  // https://owasp.org/www-community/attacks/CSV_Injection
  it.each<[string, string]>([
    ['=1+2";=1+2', `"'=1+2"";=1+2"`],
    ["=cmd|' /C calc'!A0", `"'=cmd|' /C calc'!A0"`],
    ["+1", `"'+1"`],
    ["-1", `"'-1"`],
    ["@SUM(A1)", `"'@SUM(A1)"`],
    ["\t=1", `"'\t=1"`],
    ["\r=1", `"'\r=1"`],
    ["\n=1", `"'\n=1"`],
    ["＝1", `"'＝1"`],
    ["＋1", `"'＋1"`],
    ["－1", `"'－1"`],
    ["＠1", `"'＠1"`],
  ])("stops spreadsheets from running %j as a formula", (text, expected) => {
    expect(only(text)).toBe(expected);
  });

  it("does not escape a sign inside a cell", () => {
    expect(only("a=b")).toBe("a=b");
  });
});
