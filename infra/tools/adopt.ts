import { spawnSync } from "node:child_process";
import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";

import { askOn, main } from "./adopt/cli";

const { stdin, stdout, stderr } = process;
const [pnpm, ...before] = process.env.npm_execpath?.endsWith("js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npx", "--yes", "pnpm@12"];

// `pnpm adopt`
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  project: REPOSITORY,
  ask: stdin.isTTY ? (question, proposal) => askOn(stdin, stdout, question, proposal) : undefined,
  run: (...command) =>
    spawnSync(pnpm ?? "", [...before, ...command], { cwd: REPOSITORY, stdio: "inherit" }).status ?? 1,
});
