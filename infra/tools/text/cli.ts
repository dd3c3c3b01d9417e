import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { type CommandStreams, REPOSITORY, runCommand } from "@backend/sst-graph/command-line";

import { checkLines } from "./lines";
import { checkLinks } from "./links";

const COMMAND = {
  name: "pnpm text",
  about: "Checks the width of lines, banned phrases, and links between Markdown pages.",
  usage: [""],
  options: {},
  exitCodes: { 1: "something was found" },
} as const;

const CHECKED = /\.(ts|tsx|mjs|css|md|ya?ml)$/;
/** Written by tools. */
const GENERATED = /^(docs\/reference\/|pnpm-lock\.yaml$|infra\/graph\/)/;

/** Runs the command in the repository, and returns its exit code. */
export function main(argv: string[], streams: CommandStreams): Promise<number> {
  return runCommand(COMMAND, argv, streams, () => {
    const files = trackedFiles(REPOSITORY);
    const found = files.flatMap((file) =>
      problemsOf(path.join(REPOSITORY, file)).map(({ line, problem }) => `${file}:${line}: ${problem}\n`),
    );
    streams.stderr.write(found.join(""));
    streams.stdout.write(`Checked the text of ${files.length} files: ${found.length} problems.\n`);
    return found.length === 0 ? 0 : 1;
  });
}

function problemsOf(file: string) {
  const text = readFileSync(file, "utf8");
  return [...checkLines(file, text), ...(file.endsWith(".md") ? checkLinks(file, text) : [])];
}

/** Tracked files, and new ones that it does not ignore. Without git: all but installed ones. */
function trackedFiles(repository: string): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const { status, stdout } = spawnSync("git", args, { cwd: repository, encoding: "utf8", maxBuffer: 2 ** 26 });
  const names = status === 0 ? stdout.split("\0") : filesIn(repository);
  return names.filter((name) => CHECKED.test(name) && !GENERATED.test(name) && existsSync(path.join(repository, name)));
}

function filesIn(folder: string, parent = ""): string[] {
  return readdirSync(path.join(folder, parent), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(parent, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesIn(folder, name);
    return entry.isFile() ? [name] : [];
  });
}

const NOT_OURS = new Set([".git", ".offline", ".sst", "dist", "node_modules"]);
