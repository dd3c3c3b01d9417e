import process from "node:process";

import { SOAK_NOUNS } from "../nouns";
import { type Program, runChosen } from "../run-chosen";
import { runProgram } from "../run-program";

const soaks: Record<string, Program> = {
  http: { about: "requests under load, kills, edits and changes of the graph", run: () => import("./http") },
  traffic: {
    about: "an hour of traffic, and its roll-up under faults",
    run: async () => {
      await import("./traffic-hour");
      await import("./traffic");
    },
  },
  log: { about: "the analysis of an access log against JSON.parse of each line", run: () => import("./log") },
  properties: { about: "the random tests with all their cases", run: () => import("./properties") },
  mutants: {
    about: "the changes of prod's graph that no rule of the policy finds",
    run: () => runProgram("../../sst-policy/test/mutants-report.ts"),
  },
  new: { about: "a clone with a noun of each variant of pnpm new", run: () => import("./new") },
  adopt: { about: "a clone becomes another team's app, with a noun of its own", run: () => import("./adopt") },
  remove: { about: "a clone without its nouns passes everything", run: () => import("./remove") },
  docs: { about: "the commands of README.md and docs/ in a clone", run: () => import("./docs") },
  ...SOAK_NOUNS,
};

const command = {
  name: "pnpm soak",
  about: "Shows what holds under load and under faults, and prints lines for docs/benchmarks.md.",
  exitCodes: { 0: "all of it holds", 1: "something does not hold" },
};

process.exitCode = await runChosen(command, soaks);
