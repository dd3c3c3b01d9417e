// Prints how many mutants of prod's graph the rules find, and the excuses for the others.
// `pnpm soak mutants` runs it.
import process from "node:process";

import { loadGraph } from "@backend/sst-graph/load";
import { REPOSITORY } from "@backend/sst-graph/repository";
import { graphFile } from "@backend/sst-graph/stages";

import { loadPromises } from "../src/load-promises";
import { tryMutants } from "./try-mutants";

const promises = await loadPromises(REPOSITORY);
const { all, missed, excused } = tryMutants(loadGraph(graphFile(REPOSITORY, "prod")), promises);
const survivors = excused.reduce((sum, [, count]) => sum + count, missed.length);
console.log(`mutants: the rules find ${all - survivors} of ${all} changes of prod's graph`);
for (const [reason, count] of excused.toSorted(([, m], [, n]) => n - m))
  console.log(`${String(count).padStart(6)}  ${reason}`);
for (const mutant of missed) console.error(`not found: ${mutant}`);
if (missed.length > 0) process.exitCode = 1;
