import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import type { Plan } from "./plan";

/** Files and folders that the commands after it write. */
const GENERATED = ["infra/graph", "packages/functions/src/openapi.json", "docs/reference"];

/**
 * Writes the files of a noun, formats them, and runs `finish`. If anything fails, or the process is
 * interrupted, every file is as it was before.
 */
export function write({ made, changed }: Plan, project: string, finish: () => void): void {
  const files = { ...made, ...changed };
  const before = new Map(
    [...Object.keys(files), ...GENERATED.flatMap((place) => filesIn(project, place))].map((file) => [
      file,
      contentOf(path.join(project, file)),
    ]),
  );
  const undo = () => {
    for (const [file, content] of before) restore(path.join(project, file), content);
    for (const file of Object.keys(made)) removeIfEmpty(path.dirname(path.join(project, file)));
  };
  const interrupted = () => {
    undo();
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
      writeFileSync(path.join(project, file), text);
    }
    format(Object.keys(files), project);
    finish();
  } catch (error) {
    undo();
    throw error;
  } finally {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
  }
}

/** Formats files, sorts their imports, and throws an Error if the linter finds anything. */
function format(files: string[], project: string): void {
  const args = ["check", "--write", "--error-on-warnings", "--colors=off", ...files];
  const { status, stdout, stderr, error } = spawnSync(path.join(project, "node_modules/.bin/biome"), args, {
    cwd: project,
    encoding: "utf8",
  });
  if (error !== undefined) throw new Error(`biome cannot be run: ${error.message}; run pnpm install`);
  if (status !== 0) throw new Error(`biome refuses the files:\n${stdout}${stderr}`);
}

function filesIn(project: string, place: string): string[] {
  const full = path.join(project, place);
  if (!existsSync(full) || !statSync(full).isDirectory()) return [place];
  return readdirSync(full).map((name) => path.join(place, name));
}

function contentOf(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

function restore(file: string, content: Buffer | undefined): void {
  if (content === undefined) rmSync(file, { force: true });
  else if (!existsSync(file) || !readFileSync(file).equals(content)) writeFileSync(file, content);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has other files, or was removed with the file before.
  }
}
