import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../node_modules/.cache/tests", import.meta.url));
const MAX_AGE_MS = 30 * 24 * 60 * 60_000;
const SKIPPED = new Set(["node_modules", ".sst", ".offline"]);

interface Entry<T> {
  value: T;
  /** Digests of the files that `compute` added as inputs, by path. */
  inputs: Record<string, string>;
}

/**
 * Computes a value that depends only on files, and caches it in node_modules/.cache/tests until one
 * of the files changes.
 *
 * @param inputs names and texts, or absolute paths of files and folders. Test files in a folder do
 * not   count.
 * @param compute returns JSON, and passes the further files that it reads to `addInput`
 */
export async function cached<T>(
  title: string,
  inputs: readonly string[],
  compute: (addInput: (file: string) => void) => T | Promise<T>,
): Promise<T> {
  const file = path.join(FOLDER, `${title}-${digestOf(inputs.flatMap(contentsOf))}.json`);
  const found = read<T>(file);
  if (found !== undefined) return found.value;

  const further = new Set<string>();
  const value = await compute((input) => further.add(input));
  const entry: Entry<T> = { value, inputs: Object.fromEntries([...further].map((one) => [one, digestOfFile(one)])) };
  removeOld();
  // Renaming is atomic: a test file that runs at the same time never reads a part of an entry.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(entry));
  renameSync(`${file}.${process.pid}`, file);
  return value;
}

function read<T>(file: string): Entry<T> | undefined {
  if (!existsSync(file)) return undefined;
  const entry = JSON.parse(readFileSync(file, "utf8")) as Entry<T>;
  return Object.entries(entry.inputs).every(([input, digest]) => digestOfFile(input) === digest) ? entry : undefined;
}

/**
 * Uses names relative to the input, so that a copy of a project in another folder has the same key.
 */
function contentsOf(input: string): string[] {
  if (!path.isAbsolute(input)) return [input];
  if (!statSync(input).isDirectory()) return [path.basename(input), digestOfFile(input)];
  return filesIn(input).flatMap((file) => [path.relative(input, file), digestOfFile(file)]);
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !SKIPPED.has(name));
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(file);
    return entry.isFile() && !entry.name.endsWith(".test.ts") ? [file] : []; // no links, which lead out of the folder
  });
}

function digestOfFile(file: string): string {
  return existsSync(file) ? digestOf([readFileSync(file)]) : "missing";
}

function digestOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 24);
}

function removeOld(): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) {
    const file = path.join(FOLDER, name);
    if (statSync(file).mtimeMs < Date.now() - MAX_AGE_MS) rmSync(file, { force: true });
  }
}
