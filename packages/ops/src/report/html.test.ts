import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { accessLogLine, run } from "../../test/run";

const ATTACKS = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  "</table></section><style>*{display:none}</style>",
  "&lt;b&gt;",
  "[click](javascript:alert(1))",
  "\u001b[2J\u202egnp.exe",
  "| a | b |\n\n# heading",
];

/** A log in which every text that a caller controls is an attack. */
const stdin = ATTACKS.flatMap((attack, index) => [
  accessLogLine({
    requestTimeEpoch: 1_795_421_000_000 + index * 60_000,
    routeKey: attack,
    path: attack,
    userAgent: attack,
    user: attack,
    status: 401,
    authorizerError: attack,
  }),
  attack,
]).join("\n");
const page = async (format: string, input = stdin) =>
  (await run(["report", "--format", format], { stdin: input })).stdout;

describe("the page", () => {
  it("has the same elements as the page of a harmless log", async () => {
    const elements = (html: string) =>
      [...new Set([...html.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, name]) => name))].sort();
    const harmless = ["a", "b"].map((name, index) =>
      accessLogLine({
        requestTimeEpoch: 1_795_421_000_000 + index * 60_000,
        user: name,
        status: 401,
        authorizerError: name,
      }),
    );
    expect(elements(await page("html"))).toEqual(elements(await page("html", `${harmless.join("\n")}\nnot json`)));
  });

  it.each(ATTACKS.slice(0, 5))("shows %s as text", async (attack) => {
    const shown = attack
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;");
    const html = await page("html");
    expect(html).toContain(`<th scope="row" class="wide">${shown}`);
    expect(html).not.toContain(`>${attack}`);
  });

  it("has no control characters and no bidirectional controls", async () => {
    expect(await page("html")).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
  });

  it("allows only its own style sheet, by hash", async () => {
    const html = await page("html");
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    expect(html).toContain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
  });

  it("loads no resources", async () => {
    const html = (await page("html")).replaceAll(/&[a-z#0-9]+;/g, "");
    expect(html).not.toMatch(/\s(src|href|style|on\w+)=["']|url\(|@import|<script|<link|<base/i);
  });

  it("has the data of its charts as tables", async () => {
    const html = await page("html");
    expect(html).toContain('<html lang="en">');
    expect(html.match(/<svg [^>]*role="img" aria-labelledby="chart-\d"/g)).toHaveLength(2);
    expect(html.match(/<details><summary>Show data<\/summary><table>/g)).toHaveLength(2);
    for (const [, id] of html.matchAll(/aria-labelledby="([^"]+)"/g)) expect(html).toContain(`id="${id}"`);
  });

  it("has no chart if there is only one bucket", async () => {
    expect(await page("html", accessLogLine())).not.toContain("chart-0");
  });
});

describe("Markdown", () => {
  it("has complete rows, and no markup from callers", async () => {
    const markdown = await page("md");
    expect(markdown).not.toMatch(/<|\]\(|^# heading/m);
    expect(markdown).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
    const widths = (section: string) =>
      section
        .split("\n")
        .filter((row) => row.startsWith("|"))
        .map((row) => row.split("|").length);
    for (const section of markdown.split("## ")) expect(new Set(widths(section)).size).toBeLessThanOrEqual(1);
  });

  it("creates no links", async () => {
    const markdown = await page("md", accessLogLine({ userAgent: "https://evil.example www.evil.example" }));
    expect(markdown).toContain("https:&#47;/evil.example www&#46;evil.example");
  });
});
