// Offline against bare node:http, in turn, on the same machine.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { fixtureProject } from "../test/project";
import { type Load, load } from "./load";
import { median } from "./median";

const ROUNDS = 7;
const SECONDS = 1.5;
const CONNECTIONS = [1, 10, 50, 200, 1000];

const here = path.dirname(fileURLToPath(import.meta.url));
const launch = path.resolve(here, "../../launch/launch.mjs");
const answering = (text: string) => `export const handler = async () => ({ message: ${JSON.stringify(text)} });`;
const project = fixtureProject({ "GET /hello": { source: answering("Hello World") } });

interface Server {
  child: ChildProcess;
  url: URL;
  /** Milliseconds from the start of the process to the first answer. */
  startMs: number;
}

const servers = {
  "node:http": () => start([path.join(here, "raw-http.mjs")], "/"),
  offline: () =>
    start([launch, path.resolve(here, "../src/main.ts"), "--project", project.folder, "--port", "0"], "/hello"),
};
type Name = keyof typeof servers;
const names = Object.keys(servers) as Name[];

async function start(args: string[], target: string): Promise<Server> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<URL>((resolve) => {
    child.stdout.on("data", (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(String(chunk))?.[0];
      if (found !== undefined) resolve(new URL(found));
    });
  });
  if (!url.pathname.endsWith(target)) url.pathname = `/dev${target}`;
  await (await fetch(url)).text();
  return { child, url, startMs: performance.now() - begin };
}

function stop({ child }: Server): Promise<void> {
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGINT");
  });
}

const starts: Record<Name, number[]> = { "node:http": [], offline: [] };
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of rotated(round)) {
    const server = await servers[name]();
    if (round > 0) starts[name].push(server.startMs); // the first run of all bundles the backend and the function
    await stop(server);
  }
}

const running = { "node:http": await servers["node:http"](), offline: await servers.offline() };
const loads = new Map<string, Load[]>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const connections of CONNECTIONS) {
    for (const name of rotated(round)) {
      const measured = await load(running[name].url, connections, SECONDS * 1000);
      if (round === 0) continue; // warm-up
      const key = `${name} ${connections}`;
      loads.set(key, [...(loads.get(key) ?? []), measured]);
    }
  }
}

const reloads: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const begin = performance.now();
  writeFileSync(path.join(project.folder, "f0.ts"), answering(`round ${round}`));
  while ((await (await fetch(running.offline.url)).text()) !== `{"message":"round ${round}"}`);
  reloads.push(performance.now() - begin);
}
const memory = Object.fromEntries(names.map((name) => [name, residentMb(running[name].child.pid)]));
await Promise.all(names.map((name) => stop(running[name])));
project.remove();
report();

function report(): void {
  console.log(`Medians of ${ROUNDS} rounds of ${SECONDS} s, in turn; load generator on the same machine.\n`);
  console.log(
    "| connections | node:http req/s | offline req/s | ratio | node:http p50 / p99 ms | offline p50 / p99 ms |",
  );
  console.log("| --: | --: | --: | --: | --: | --: |");
  for (const connections of CONNECTIONS) {
    const [raw, own] = names.map((name) => loads.get(`${name} ${connections}`) ?? []) as [Load[], Load[]];
    const ratio = median(own.map(({ rate }, round) => rate / (raw[round]?.rate ?? Number.NaN)));
    const rates = [raw, own].map((all) => Math.round(median(all.map(({ rate }) => rate))));
    const times = [raw, own].map((all) => `${ms(all.map(({ p50 }) => p50))} / ${ms(all.map(({ p99 }) => p99))}`);
    console.log(`| ${connections} | ${rates.join(" | ")} | ${ratio.toFixed(2)} | ${times.join(" | ")} |`);
  }
  const ratio = median(starts.offline.map((value, round) => value / (starts["node:http"][round] ?? Number.NaN)));
  const [raw, own] = names.map((name) => Math.round(median(starts[name]))) as [number, number];
  console.log(`\nStart to first answer: ${own} ms, node:http ${raw} ms, ratio ${ratio.toFixed(2)}.`);
  console.log(`Edit to first new answer: ${Math.round(median(reloads))} ms.`);
  console.log(`Resident memory after the load: ${memory.offline} MiB, node:http ${memory["node:http"]} MiB.`);
}

function rotated(round: number): Name[] {
  return round % 2 === 0 ? names : names.toReversed();
}

function ms(values: number[]): string {
  return median(values).toFixed(2);
}

/** Of Linux; `?` elsewhere. */
function residentMb(pid: number | undefined): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return String(Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024));
  } catch {
    return "?";
  }
}
