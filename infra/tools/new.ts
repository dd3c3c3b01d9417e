import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";

import { main } from "./new/cli";
import { runPnpm } from "./run-pnpm";

const { stdout, stderr } = process;

// `pnpm new`
process.exitCode = await main(process.argv.slice(2), { stdout, stderr, project: REPOSITORY, run: runPnpm });
