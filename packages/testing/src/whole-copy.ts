import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { REPOSITORY } from "./repository-copy";

/** What is no source, or is linked instead. */
const SKIPPED = new Set(["node_modules", ".git", ".sst", ".offline", "dist"]);

/**
 * Copies the sources of this repository into a temporary folder. Its packages are the copy's own; those of the registry
 * are links to this repository's. It has no SST platform: `synthesised` takes this repository's.
 */
export function wholeCopy(): { folder: string; remove(): void } {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "whole-")));
  cpSync(REPOSITORY, folder, { recursive: true, filter: (file) => !SKIPPED.has(path.basename(file)) });
  const packages = readdirSync(path.join(REPOSITORY, "packages")).map((name) => path.join("packages", name));
  for (const place of ["", ...packages]) linkModules(path.join(place, "node_modules"), folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** pnpm's links are relative: those to packages of the workspace lead to the copy. */
function linkModules(modules: string, folder: string): void {
  const [from, to] = [path.join(REPOSITORY, modules), path.join(folder, modules)];
  if (!existsSync(from)) return;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === ".cache" || name === ".vite") continue;
    const isLinked = name === ".pnpm" || name === ".bin";
    if (isLinked) symlinkSync(path.join(from, name), path.join(to, name));
    else cpSync(path.join(from, name), path.join(to, name), { recursive: true, verbatimSymlinks: true });
  }
}
