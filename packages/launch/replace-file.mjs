import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

/**
 * Writes a file as a whole: who reads it meanwhile reads what was there before, never half of either.
 *
 * @param {string} file
 * @param {string | Uint8Array} contents
 */
export function replaceFile(file, contents) {
  const draft = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(draft, contents);
  renameSync(draft, file);
}
