/** Columns of a line of code, and of a line of prose: a comment, or a paragraph in Markdown. */
const MAX_COLUMNS = 120;
const MAX_PROSE_COLUMNS = 100;

/** Text that has no place to break, such as a URL or a signature. */
const UNBREAKABLE = /\S{70,}/;

const COMMENT = /^\s*(\/\/|\/?\*+)\s/;

/** Words that make readers stop, each with what to write instead. */
const BANNED_PHRASES: readonly (readonly [phrase: RegExp, better: string])[] = [
  [/\banew\b/i, "again"],
  [/\bfor want of\b/i, "without, because of a missing"],
  [/\b(is|are) told\b/i, "name who says what"],
  [/\bhas it not\b/i, "lacks it"],
  [/\bhave it not\b/i, "lack it"],
  [/\bthereof\b/i, "of it"],
  [/\bwhoever\b/i, "anyone who"],
  [/\bthat (is|are) none\b/i, "say what it is instead"],
  [/\bwhat of (a|an|the|it)\b/i, "name the thing"],
  [/\b(is|are|be) answered with\b/i, "returns"],
  [/\bat a click\b/i, "with one click"],
  [/\bso many\b/i, "the number"],
];

export interface TextProblem {
  /** Counted from 1. */
  line: number;
  problem: string;
}

/**
 * Finds lines that are too long and phrases that are banned, in a source file or a Markdown file.
 * Tables and code in Markdown, and lines that cannot be broken, may be as long as they are.
 */
export function checkLines(file: string, text: string): TextProblem[] {
  const isMarkdown = file.endsWith(".md");
  let isCode = false;
  return text.split("\n").flatMap((content, index) => {
    const isFence = isMarkdown && /^\s*```/.test(content);
    if (isFence) isCode = !isCode;
    if (isFence || isCode) return [];
    const problems = [...widthProblems(content, isMarkdown), ...phraseProblems(content)];
    return problems.map((problem) => ({ line: index + 1, problem }));
  });
}

function widthProblems(line: string, isMarkdown: boolean): string[] {
  if (UNBREAKABLE.test(line) || (isMarkdown && line.startsWith("|"))) return [];
  const max = isMarkdown || COMMENT.test(line) ? MAX_PROSE_COLUMNS : MAX_COLUMNS;
  return line.length > max ? [`${line.length} columns: expected at most ${max}`] : [];
}

function phraseProblems(line: string): string[] {
  return BANNED_PHRASES.flatMap(([phrase, better]) => {
    const [found] = phrase.exec(line) ?? [];
    return found === undefined ? [] : [`"${found}": better "${better}"`];
  });
}
