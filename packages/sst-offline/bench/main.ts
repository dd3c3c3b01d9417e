// `pnpm bench [http] [cold] [log] [console]`: measures, and prints tables for docs/benchmarks.md.
// Run it alone on the machine.
import os from "node:os";
import process from "node:process";

import { runProgram } from "./run-program";

const benches: Record<string, () => Promise<unknown>> = {
  http: () => import("./http"),
  cold: () => import("./cold"),
  log: () => import("./log"),
  console: () => runProgram("../../console/test/bench.ts"), // a program of its own: its types are a browser's
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const unknown = names.find((name) => !(name in benches));
if (unknown === undefined) {
  const cpu = os.cpus();
  const day = new Date().toISOString().slice(0, 10);
  console.log(`${cpu.length} x ${cpu[0]?.model.trim()}, Node.js ${process.version}, ${day}`);
  for (const name of names) {
    console.log(`\n## ${name}\n`);
    await benches[name]?.();
  }
} else {
  console.error(`there is no bench "${unknown}": expected ${Object.keys(benches).join(" or ")}`);
  process.exitCode = 2;
}
