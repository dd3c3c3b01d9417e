import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { cutNoun, marksNoun } from "./marks";

/** What removing a noun changes, by path in the repository. */
export interface Plan {
  deleted: string[];
  edited: { file: string; text: string; lines: number[] }[];
}

/** Kinds of files that may mark what a noun adds to them. */
const TEXTS = /\.(ts|tsx|mjs|json|jsonc|md|css|html|ya?ml)$/;

/** Generated files, and the template of `pnpm new`, whose regions have other names. */
const UNMARKED = /^infra\/(graph|tools\/new)\//;

/**
 * Files of a noun alone: what is in its folders in core, in functions, in infra and below a folder
 * `nouns`, and the files of infra and docs that are named after it.
 */
function isOwn(file: string, noun: string): boolean {
  const folders = new RegExp(`^(packages/(core|functions)/src|infra|.*/nouns)/${noun}/`);
  const files = new RegExp(`^(infra/${noun}(\\.test)?\\.ts|docs/(screenshots/)?${noun}(-[^/]*)?\\.(md|png))$`);
  return folders.test(file) || files.test(file);
}

/** Nouns that can be removed: they have a folder in core, and marks in sst.config.ts. */
export function removableNouns(project: string): string[] {
  const core = path.join(project, "packages/core/src");
  const config = readFileSync(path.join(project, "sst.config.ts"), "utf8");
  return readdirSync(core, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && marksNoun(config, entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Throws an Error where a mark has no counterpart. Changes nothing. */
export function planOf(project: string, noun: string): Plan {
  const files = filesOf(project);
  const deleted = files.filter((file) => isOwn(file, noun));
  const edited = files
    .filter((file) => TEXTS.test(file) && !isOwn(file, noun) && !UNMARKED.test(file))
    .map((file) => ({ file, ...cutNoun(readFileSync(path.join(project, file), "utf8"), noun, file) }))
    .filter(({ lines }) => lines.length > 0);
  return { deleted, edited };
}

/** Files that git knows or would add. */
function filesOf(project: string): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: project, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`git ls-files failed: ${stderr}`);
  return [...new Set(stdout.split("\0"))].filter((file) => file !== "" && existsSync(path.join(project, file))).sort();
}
