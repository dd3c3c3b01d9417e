import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { REPOSITORY } from "./repository-copy";

/** Folders without sources, and folders that are linked instead. */
const SKIPPED = new Set(["node_modules", ".git", ".sst", ".offline", "dist"]);

/**
 * Copies the sources of this repository into a temporary folder. The copy has its own workspace
 * packages, and links to this repository's registry packages. It has no SST platform, because
 * `synthesised` uses this repository's.
 */
export function wholeCopy(): { folder: string; remove(): void } {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "whole-")));
  cpSync(REPOSITORY, folder, { recursive: true, filter: (file) => !SKIPPED.has(path.basename(file)) });
  const packages = readdirSync(path.join(REPOSITORY, "packages")).map((name) => path.join("packages", name));
  for (const location of ["", ...packages]) linkModules(path.join(location, "node_modules"), folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** pnpm's links are relative, so links to workspace packages lead to the copy. */
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
