import process from "node:process";

import { SOAK_NOUNS } from "../nouns";
import { type Program, runChosen } from "../run-chosen";
import { runProgram } from "../run-program";

const soaks: Record<string, Program> = {
  http: { about: "requests during load, kills, edits and changes of the graph", run: () => import("./http") },
  traffic: {
    about: "an hour of traffic, and its roll-up during faults",
    run: async () => {
      await import("./traffic-hour");
      await import("./traffic");
    },
  },
  log: { about: "the analysis of an access log, compared with JSON.parse of each line", run: () => import("./log") },
  properties: { about: "the random tests with all cases", run: () => import("./properties") },
  mutants: {
    about: "changes of prod's graph that no policy rule finds",
    run: () => runProgram("../../sst-policy/test/mutants-report.ts"),
  },
  new: { about: "pnpm new in a clone, with each variant of a noun", run: () => import("./new") },
  adopt: { about: "pnpm adopt in a clone: another team's app with a new noun", run: () => import("./adopt") },
  remove: { about: "a clone without its nouns passes all checks and tests", run: () => import("./remove") },
  docs: { about: "the commands of README.md and docs/ in a clone", run: () => import("./docs") },
  ...SOAK_NOUNS,
};

const command = {
  name: "pnpm soak",
  about: "Tests the app during load and faults, and prints lines for docs/benchmarks.md.",
  exitCodes: { 0: "every check passed", 1: "a check failed" },
};

process.exitCode = await runChosen(command, soaks);
