import os from "node:os";
import process from "node:process";

import { type Program, runChosen } from "./run-chosen";
import { runProgram } from "./run-program";

const benches: Record<string, Program> = {
  http: { about: "requests per second of offline and of node:http", run: () => import("./http") },
  cold: { about: "cold starts of the functions", run: () => import("./cold") },
  log: { about: "analysis of an access log", run: () => import("./log") },
  console: {
    about: "the console in a browser",
    run: () => runProgram("../../console/test/bench.ts"), // a separate program, because it uses browser types
  },
};

const command = {
  name: "pnpm bench",
  about: "Measures performance and prints tables for docs/benchmarks.md.",
  details: "Run it while nothing else runs on the machine.",
};

process.exitCode = await runChosen(command, benches, (name, isFirst) => {
  if (isFirst) console.log(machine());
  console.log(`\n## ${name}\n`);
});

function machine(): string {
  const cpu = os.cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${cpu.length} x ${cpu[0]?.model.trim()}, Node.js ${process.version}, ${day}`;
}
