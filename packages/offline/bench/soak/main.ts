// `pnpm soak [http] [audit] [traffic] [log]`: what holds under load and under faults, with figures. Prints lines for docs/benchmarks.md; ends
// with 1 where something does not hold.
import process from "node:process";

const soaks: Record<string, () => Promise<unknown>> = {
  http: () => import("./http"),
  audit: () => import("./audit"),
  traffic: () => import("./traffic"),
  log: () => import("./log"),
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(soaks);
const unknown = names.find((name) => !(name in soaks));
if (unknown === undefined) {
  for (const name of names) await soaks[name]?.();
} else {
  console.error(`there is no soak "${unknown}": expected ${Object.keys(soaks).join(" or ")}`);
  process.exitCode = 2;
}
