// Compares ways to analyse an access log of a million lines, each in a new process: `pnpm ops
// report`, plain JSON.parse, DuckDB, and `wc -l` as the limit. DuckDB needs the variable DUCKDB: a
// folder in which @duckdb/node-api is installed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { randomEntry } from "@backend/testing/access-log-lines";
import { median } from "@backend/testing/median";
import { seeded } from "@backend/testing/random";
import { build } from "esbuild";

const ROUNDS = 5;
const LINES = 1_000_000;
/** Number of such files for the measurement of memory. */
const MEMORY_FILES = 10;

interface Contender {
  name: string;
  command: string[];
}

interface Run {
  seconds: number;
  /** Peak memory in MiB. */
  memory: number;
  requests: number;
}

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const here = path.join(repository, "packages/sst-offline/bench/log");
const folder = mkdtempSync(path.join(os.tmpdir(), "log-"));
try {
  const log = path.join(folder, "access.log");
  writeLog(log);
  const ours = path.join(folder, "analyse.mjs");
  const entryPoints = [path.join(here, "analyse.ts")];
  await build({ entryPoints, bundle: true, format: "esm", platform: "node", target: "node20", outfile: ours });
  compare(log, contendersOf(log, ours));
  const { memory, requests } = runOf([process.execPath, ours, ...Array<string>(MEMORY_FILES).fill(log)]);
  console.log(`\n${requests / 1e6} million lines: ${memory.toFixed(0)} MiB`);
} finally {
  rmSync(folder, { recursive: true });
}

function contendersOf(log: string, ours: string): Contender[] {
  const node = (...args: string[]) => [process.execPath, ...args];
  const duckdb = process.env.DUCKDB;
  const script = path.join(here, "duckdb.mjs");
  const launch = [
    path.join(repository, "packages/launch/launch.mjs"),
    path.join(repository, "packages/ops/src/main.ts"),
  ];
  if (duckdb === undefined)
    console.log("Without DuckDB: set DUCKDB to a folder in which @duckdb/node-api is installed.\n");
  return [
    { name: "wc -l", command: ["wc", "-l", log] },
    { name: "analyseAccessLog", command: node(ours, log) },
    { name: "pnpm ops report --json", command: node(...launch, "report", "--json", log) },
    { name: "readline and JSON.parse", command: node(path.join(here, "plain.mjs"), log) },
    ...(duckdb === undefined
      ? []
      : [2, 1].map((threads) => ({
          name: `DuckDB, threads: ${threads}`,
          command: node(script, log, String(threads), duckdb),
        }))),
  ];
}

function compare(log: string, contenders: Contender[]): void {
  console.log(`${LINES} lines, ${(statSync(log).size / 1e6).toFixed(0)} MB, medians of ${ROUNDS} alternating runs.\n`);
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, command } of contenders) {
      const run = runOf(command);
      if (run.requests !== LINES) throw new Error(`${name} found ${run.requests} requests of ${LINES}`);
      if (round > 0) runs.get(name)?.push(run); // the first round fills caches
    }
  }
  const figure = (name: string, key: keyof Run) => median(runs.get(name)?.map((run) => run[key]) ?? []);
  const ours = figure("analyseAccessLog", "seconds");
  console.log("| | s | / ours | MB/s | peak MiB |\n| --- | --: | --: | --: | --: |");
  for (const { name } of contenders) {
    const seconds = figure(name, "seconds");
    const speed = statSync(log).size / 1e6 / seconds;
    const memory = figure(name, "memory");
    const cells = [seconds.toFixed(3), (seconds / ours).toFixed(2), speed.toFixed(0), memory ? memory.toFixed(0) : ""];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

/**
 * Runs a command that prints a report or a number of lines. Its last line on stderr may be its peak
 * memory in KiB.
 */
function runOf([file = "", ...args]: string[]): Run {
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(file, args, { encoding: "utf8", maxBuffer: 1e9 });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}: ${stderr}`);
  const requests = stdout.startsWith("{") ? JSON.parse(stdout).requests : Number.parseInt(stdout, 10);
  return { seconds, memory: Number(/(\d+)\s*$/.exec(stderr)?.[1] ?? 0) / 1024, requests };
}

function writeLog(file: string): void {
  const random = seeded(7);
  const fd = openSync(file, "w");
  let epoch = 1_795_400_000_000;
  for (let written = 0; written < LINES; written += 1000) {
    const lines = Array.from({ length: 1000 }, () => {
      epoch += random(20);
      return `${JSON.stringify(randomEntry(random, epoch))}\n`;
    });
    writeSync(fd, lines.join(""));
  }
}
