// `pnpm soak [http] [audit] [traffic] [log] [properties] [mutants] [rename]`: what holds under load and under
// faults, with figures, the random tests with all their cases, and what the policy's rules do not find.
// Prints lines for docs/benchmarks.md. Exits with 1 where something does not hold.
import process from "node:process";

import { runProgram } from "../run-program";

const soaks: Record<string, () => Promise<unknown>> = {
  http: () => import("./http"),
  audit: () => import("./audit"),
  traffic: async () => {
    await import("./traffic-hour");
    await import("./traffic");
  },
  log: () => import("./log"),
  properties: () => import("./properties"),
  mutants: () => runProgram("../../sst-policy/test/mutants-report.ts"), // about the rules, not about offline
  rename: () => import("./rename"),
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(soaks);
const unknown = names.find((name) => !(name in soaks));
if (unknown === undefined) {
  for (const name of names) await soaks[name]?.();
} else {
  console.error(`there is no soak "${unknown}": expected ${Object.keys(soaks).join(" or ")}`);
  process.exitCode = 2;
}
