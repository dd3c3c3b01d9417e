import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { readStateFile } from "../kit/state-file";

/**
 * Reads what `writeSecretFile` wrote.
 *
 * @returns undefined where there is no such file yet
 * @throws StateFileError that says what to do about a damaged file
 */
export function readSecretFile<T>(file: string, isValid: (value: unknown) => value is T): T | undefined {
  return readStateFile(file, isValid, "delete it, and a new one is made; tokens issued before are then void");
}

/** Keeps a secret for later runs, where only this person can read it. */
export function writeSecretFile(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 }); // nobody else can open the file, at no moment
  replaceFile(file, `${JSON.stringify(value)}\n`);
  chmodSync(file, 0o600);
}
