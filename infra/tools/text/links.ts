import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import GithubSlugger from "github-slugger";

import type { TextProblem } from "./lines";

const LINK = /!?\[(?:[^\]\\]|\\.)*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g;
const HEADING = /^#{1,6} +(.*?) *#*$/;

/**
 * Finds links of a Markdown file to a file that does not exist, or to a heading that the other page
 * does not have. Links to other hosts are not followed.
 */
export function checkLinks(file: string, text: string): TextProblem[] {
  return proseOf(text).flatMap(({ line, content }) =>
    Array.from(content.matchAll(LINK)).flatMap(([, target = ""]) => {
      const problem = linkProblem(file, text, target);
      return problem === undefined ? [] : [{ line, problem: `${target}: ${problem}` }];
    }),
  );
}

function linkProblem(file: string, text: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [page = "", anchor] = target.split("#");
  const found = path.join(path.dirname(file), decodeURI(page));
  if (page !== "" && !existsSync(found)) return "there is no such file";
  if (anchor === undefined || !/(^|\.md)$/.test(page)) return undefined;
  const headings = anchorsOf(page === "" ? text : readFileSync(found, "utf8"));
  return headings.has(anchor) ? undefined : "the page has no such heading";
}

/**
 * Anchors as GitHub makes them:
 * https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links
 */
function anchorsOf(text: string): Set<string> {
  const slugger = new GithubSlugger();
  return new Set(
    proseOf(text).flatMap(({ content }) => {
      const [, title] = HEADING.exec(content) ?? [];
      return title === undefined ? [] : [slugger.slug(plainText(title))];
    }),
  );
}

/** The text of a heading, without links and marks. */
function plainText(title: string): string {
  return title
    .replaceAll(/\[((?:[^\]\\]|\\.)*)\]\([^)]*\)/g, "$1")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/[`*]/g, "");
}

/** Lines outside of blocks of code. A link that is broken over two lines counts for the first. */
function proseOf(text: string): { line: number; content: string }[] {
  let isCode = false;
  const lines = text.split("\n").map((content) => {
    const isFence = /^\s*```/.test(content);
    if (isFence) isCode = !isCode;
    return isFence || isCode ? "" : content;
  });
  return lines.map((content, index) => {
    const isBroken = /\[[^\]]*$/.test(content);
    return { line: index + 1, content: isBroken ? `${content} ${lines[index + 1] ?? ""}` : content };
  });
}
