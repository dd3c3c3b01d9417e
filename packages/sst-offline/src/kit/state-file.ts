import { readFileSync, renameSync, rmSync } from "node:fs";

/** Reports a damaged file in `.offline`. The message names the file and the reason. */
export class StateFileError extends Error {
  override readonly name = "StateFileError";
  readonly file: string;
  constructor(file: string, reason: string, remedy: string) {
    super(`${file} is damaged (${reason}): ${remedy}`);
    this.file = file;
  }
}

/**
 * Reads a JSON file that offline writes and reads again at the next start.
 *
 * @param remedy how to repair a damaged file; the end of the error message
 * @returns `undefined` if the file does not exist
 * @throws StateFileError for a file that is empty, not JSON, of another shape, or a folder
 */
export function readStateFile<T>(
  file: string,
  isValid: (value: unknown) => value is T,
  remedy = "delete it to start without it",
): T | undefined {
  const found = read(file, isValid);
  if (found.reason !== undefined) throw new StateFileError(file, found.reason, remedy);
  return found.value;
}

/**
 * Reads a JSON file as `readStateFile` does, but moves a damaged file to `<file>.corrupt` and
 * reports that. The caller continues without the file and writes a new one, so the damage is
 * reported only once.
 *
 * @param options.consequence second sentence of the report: what is lost
 * @throws Error if the file cannot be read or moved
 */
export function readOrSetAside<T>(
  file: string,
  isValid: (value: unknown) => value is T,
  { notice, consequence }: { notice(text: string): void; consequence: string },
): T | undefined {
  const found = read(file, isValid);
  if (found.reason === undefined) return found.value;
  const aside = `${file}.corrupt`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(file, aside);
  notice(`${file} is damaged (${found.reason}) and was moved to ${aside}. ${consequence}`);
  return undefined;
}

function read<T>(file: string, isValid: (value: unknown) => value is T): { value?: T; reason?: string } {
  try {
    const text = readFileSync(file, "utf8");
    if (text.trim() === "") return { reason: "it is empty" };
    const value: unknown = JSON.parse(text);
    return isValid(value) ? { value } : { reason: "its content is not what offline writes there" };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    if (code === "EISDIR") return { reason: "it is a folder" };
    if (error instanceof SyntaxError) return { reason: "it is not JSON" };
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
