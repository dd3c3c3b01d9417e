import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";

import { main } from "./adopt/cli";
import { askOn } from "./ask";
import { runPnpm } from "./run-pnpm";

const { stdin, stdout, stderr } = process;

// `pnpm adopt`
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  project: REPOSITORY,
  ask: stdin.isTTY ? (question, proposal) => askOn(stdin, stdout, question, proposal) : undefined,
  run: runPnpm,
});
