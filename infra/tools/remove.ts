import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";

import { askOn } from "./ask";
import { main } from "./remove/cli";
import { runPnpm } from "./run-pnpm";

const { stdin, stdout, stderr } = process;

// `pnpm run remove`: `pnpm remove` is a command of pnpm.
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  project: REPOSITORY,
  ask: stdin.isTTY ? (question) => askOn(stdin, stdout, question, "") : undefined,
  run: runPnpm,
});
