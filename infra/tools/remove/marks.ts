/** A text without what is marked as a noun's, and the lines that are gone, numbered from 1. */
export interface Cut {
  text: string;
  lines: number[];
}

/**
 * `// #region audit`, `<!-- #region audit -->`, `# #region audit`; `#endregion` and `#line`
 * likewise.
 */
const MARK = /(?:\/\/|\/\*|<!--|#|\{\/\*)\s*#(region|endregion|line)\s+([\w-]+)\s*(?:\*\/\}?|-->)?\s*$/;

/**
 * Cuts a noun's regions and lines out of a file. Throws an Error for a region without an end, and
 * for an end without a region.
 *
 * @param file for messages
 */
export function cutNoun(text: string, noun: string, file: string): Cut {
  const left: string[] = [];
  const lines: number[] = [];
  let opened: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const number = index + 1;
    const [, kind, of] = MARK.exec(line) ?? [];
    const mark = of === noun ? kind : undefined;
    if (mark === "region" && opened !== undefined)
      throw new Error(`${file}:${number}: "#region ${noun}" within the one of line ${opened}`);
    if (mark === "endregion" && opened === undefined)
      throw new Error(`${file}:${number}: "#endregion ${noun}" without a region`);
    if (mark === "region") opened = number;
    if (opened !== undefined || mark === "line") lines.push(number);
    else left.push(line);
    if (mark === "endregion") opened = undefined;
  }
  if (opened !== undefined) throw new Error(`${file}:${opened}: "#region ${noun}" has no "#endregion ${noun}"`);
  return { text: lines.length === 0 ? text : joinAround(left), lines };
}

/** True if the text marks anything of this noun. */
export function marksNoun(text: string, noun: string): boolean {
  return text.split("\n").some((line) => MARK.exec(line)?.[2] === noun);
}

/** A cut leaves one empty line where there was one before it and one after it. */
function joinAround(lines: string[]): string {
  return lines.join("\n").replaceAll(/\n{3,}/g, "\n\n");
}
