import { readFileSync } from "node:fs";

/**
 * Parses a JSON file that `pnpm synth` writes and git merges. Throws an Error that names the file,
 * the problem and the fix.
 *
 * @param expected content of the file, such as "a deployment graph"
 */
export function readSynthFile(file: string, expected: string): unknown {
  const text = readText(file, expected);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw synthFileError(file, expected, describeContent(text, (cause as Error).message), cause);
  }
}

export function synthFileError(file: string, expected: string, found: string, cause?: unknown): Error {
  return new Error(`${file}: expected ${expected}, found ${found}. Run "pnpm synth" to recreate it`, { cause });
}

function readText(file: string, expected: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw synthFileError(file, expected, code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`);
  }
}

function describeContent(text: string, reason: string): string {
  if (text.trim() === "") return "an empty file";
  const lines = text.split("\n");
  const conflict = lines.findIndex((line) => /^(<{7}|>{7}) /.test(line) || /^={7}\r?$/.test(line));
  return conflict === -1 ? `invalid JSON (${reason})` : `git conflict markers in line ${conflict + 1}`;
}
