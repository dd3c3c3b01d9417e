import { spawnSync } from "node:child_process";
import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";

import { askOn } from "./adopt/cli";
import { main } from "./remove/cli";

const { stdin, stdout, stderr } = process;
const [pnpm, ...before] = process.env.npm_execpath?.endsWith("js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npx", "--yes", "pnpm@12"];

// `pnpm run remove`: `pnpm remove` is a command of pnpm.
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  project: REPOSITORY,
  ask: stdin.isTTY ? (question) => askOn(stdin, stdout, question, "") : undefined,
  run: (...command) =>
    spawnSync(pnpm ?? "", [...before, ...command], { cwd: REPOSITORY, stdio: "inherit" }).status ?? 1,
});
