import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { readStateFile } from "../kit/state-file";

/**
 * Reads a file from `writeSecretFile`.
 *
 * @returns `undefined` if the file does not exist
 * @throws StateFileError for a damaged file, with a remedy
 */
export function readSecretFile<T>(file: string, isValid: (value: unknown) => value is T): T | undefined {
  return readStateFile(file, isValid, "delete it to create a new one; earlier tokens then become invalid");
}

/** Writes a secret to a file that only the current user can read. */
export function writeSecretFile(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 }); // so that no other user can ever open the file
  replaceFile(file, `${JSON.stringify(value)}\n`);
  chmodSync(file, 0o600);
}
