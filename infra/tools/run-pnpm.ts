import { spawnSync } from "node:child_process";
import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";

const [pnpm = "", ...before] = process.env.npm_execpath?.endsWith("js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npx", "--yes", "pnpm@12"];

/**
 * Runs one of this repository's commands, with its output on the terminal. Returns the exit code.
 */
export function runPnpm(...command: string[]): number {
  return spawnSync(pnpm, [...before, ...command], { cwd: REPOSITORY, stdio: "inherit" }).status ?? 1;
}
