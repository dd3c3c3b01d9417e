import { readFileSync } from "node:fs";

/**
 * Reads a JSON file that offline keeps below `.offline`.
 *
 * @returns `undefined` where there is no such file
 * @throws Error that names a file which cannot be read, or holds something else
 */
export function readStateFile<T>(file: string, isValid: (value: unknown) => value is T): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (error instanceof SyntaxError) throw new Error(`${file} is damaged (${message}).`, { cause: error });
    throw new Error(`${file} cannot be read: ${message}.`, { cause: error });
  }
  if (isValid(value)) return value;
  throw new Error(`${file} is damaged: it holds something else than offline writes.`);
}
