/** The part of a writable stream that decides how text looks on it. */
export interface Screen {
  isTTY?: boolean;
  /** Width in characters; only a terminal has one. */
  columns?: number;
}

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Returns functions that colour text on a terminal with colours (https://no-color.org). */
export function paintFor({ isTTY }: Screen, env: NodeJS.ProcessEnv): Paint {
  const isColoured = env.FORCE_COLOR !== undefined || (isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
  const paint = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33), cyan: paint(36) };
}

const DEFAULT_COLUMNS = 80;
const MIN_COLUMNS = 40;

/** Returns the width in characters: of the terminal, else of COLUMNS, else 80. */
export function widthOf({ columns }: Screen, env: NodeJS.ProcessEnv): number {
  const width = columns || Number(env.COLUMNS) || DEFAULT_COLUMNS;
  return Math.max(Math.floor(width), MIN_COLUMNS);
}

/**
 * Breaks text at spaces into lines of at most `width` characters. A longer word, such as a URL,
 * stays whole on its own line.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Wraps each line of a text. Continuation lines are indented. */
export function wrapLines(text: string, width: number, indent = ""): string {
  return text
    .split("\n")
    .map((line) => {
      const [, margin = "", rest = ""] = /^( *)(.*)$/s.exec(line) ?? [];
      const inner = margin + indent;
      return margin + wrap(rest, width - inner.length).join(`\n${inner}`);
    })
    .join("\n");
}

/** Cuts text to `width` characters. A cut text ends in an ellipsis. */
export function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(width - 1, 0))}…` : text;
}

/** Returns a number with its noun: `1 route`, `3 routes`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
