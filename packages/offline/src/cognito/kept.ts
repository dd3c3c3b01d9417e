import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@secure-backend/launch/replace-file";

/**
 * Reads what `keep` wrote.
 *
 * @returns undefined where there is no such file yet
 * @throws Error that says what to do about a file that is something else
 */
export function kept<T>(file: string, isIntact: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isIntact(value)) return value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`${file} is damaged: remove it, and it is made anew (tokens issued before are void then)`);
}

/** Keeps a secret for later runs, where only this person can read it. */
export function keep(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 }); // nobody else gets as far as the file, in no moment
  replaceFile(file, `${JSON.stringify(value)}\n`);
  chmodSync(file, 0o600);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
