// Compares offline with plain node:http in alternating runs on the same machine.
// BENCH_BASE=<folder> adds another checkout as "before".
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "@backend/testing/median";
import { fixtureProject } from "../test/project";
import { type Load, load } from "./load";

const ROUNDS = 7;
const SECONDS = 1.5;
const CONNECTIONS = [1, 10, 50, 200, 1000];

const here = path.dirname(fileURLToPath(import.meta.url));
const returning = (text: string) => `export const handler = async () => ({ message: ${JSON.stringify(text)} });`;
const pausing = (ms: number) =>
  `export const handler = async () => { await new Promise((r) => setTimeout(r, ${ms})); return { ms: ${ms} }; };`;
const project = fixtureProject({
  "GET /hello": { source: returning("Hello World") },
  "GET /50": { source: pausing(50), lambda: { timeout: 60 } },
  "GET /200": { source: pausing(200), lambda: { timeout: 60 } },
});
const { BENCH_BASE: base } = process.env;
/** The project of the other checkout, which needs separate data. */
const baseProject = fixtureProject({ "GET /hello": { source: returning("Hello World") } });

interface Server {
  child: ChildProcess;
  url: URL;
  /** Time from the start of the process to the first response. */
  startMs: number;
}

const offlineFrom = (checkout: string, folder: string) => () =>
  start(
    [
      path.join(checkout, "packages/launch/launch.mjs"),
      path.join(checkout, "packages/sst-offline/src/main.ts"),
      ...["--project", folder, "--port", "0"],
    ],
    "/hello",
  );
const servers: Record<string, () => Promise<Server>> = {
  "node:http": () => start([path.join(here, "raw-http.mjs")], "/"),
  offline: offlineFrom(path.resolve(here, "../../.."), project.folder),
  ...(base !== undefined && { before: offlineFrom(path.resolve(base), baseProject.folder) }),
};
const names = Object.keys(servers);

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

const starts = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of rotated(round)) {
    const server = await startServer(name);
    if (round > 0) starts.get(name)?.push(server.startMs); // the first run builds offline and the function
    await stop(server);
  }
}

const running = new Map<string, Server>();
for (const name of names) running.set(name, await startServer(name));
const loads = new Map<string, Load[]>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const connections of CONNECTIONS) {
    for (const name of rotated(round)) {
      const measured = await load(serverOf(name).url, connections, SECONDS * 1000);
      if (round === 0) continue; // warm-up
      const key = `${name} ${connections}`;
      loads.set(key, [...(loads.get(key) ?? []), measured]);
    }
  }
}
const memory = names.map((name) => `${name} ${residentMb(serverOf(name).child.pid)} MiB`);

const crowds: string[] = [];
for (const ms of [50, 200]) {
  const { url } = serverOf("offline");
  const begin = performance.now();
  const responses = await Promise.all(Array.from({ length: 1000 }, () => fetch(new URL(`/dev/${ms}`, url))));
  const answered = responses.filter(({ status }) => status === 200).length;
  crowds.push(`${ms} ms: ${answered} x 200 in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

const reloads: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const begin = performance.now();
  writeFileSync(path.join(project.folder, "f0.ts"), returning(`round ${round}`));
  while ((await (await fetch(serverOf("offline").url)).text()) !== `{"message":"round ${round}"}`);
  reloads.push(performance.now() - begin);
}
await Promise.all([...running.values()].map(stop));
project.remove();
baseProject.remove();
report();

function startServer(name: string): Promise<Server> {
  const begin = servers[name];
  if (begin === undefined) throw new Error(`expected one of ${names.join(", ")}, found ${name}`);
  return begin();
}

function serverOf(name: string): Server {
  const server = running.get(name);
  if (server === undefined) throw new Error(`${name} is not running`);
  return server;
}

function report(): void {
  const others = names.filter((name) => name !== "node:http");
  const raw = (connections: number) => loads.get(`node:http ${connections}`) ?? [];
  console.log(`Medians of ${ROUNDS} alternating rounds of ${SECONDS} s; load generator on the same machine.\n`);
  const heads = [
    "connections",
    "node:http req/s",
    ...others.flatMap((name) => [`${name} req/s`, "ratio", "p50 / p99 ms"]),
  ];
  console.log(`| ${heads.join(" | ")} |\n|${" --: |".repeat(heads.length)}`);
  for (const connections of CONNECTIONS) {
    const limit = raw(connections);
    const cells = others.flatMap((name) => {
      const all = loads.get(`${name} ${connections}`) ?? [];
      const ratio = median(all.map(({ rate }, round) => rate / (limit[round]?.rate ?? Number.NaN)));
      const times = `${ms(all.map(({ p50 }) => p50))} / ${ms(all.map(({ p99 }) => p99))}`;
      return [Math.round(median(all.map(({ rate }) => rate))), ratio.toFixed(2), times];
    });
    console.log(`| ${[connections, Math.round(median(limit.map(({ rate }) => rate))), ...cells].join(" | ")} |`);
  }
  const starting = names.map((name) => `${name} ${Math.round(median(starts.get(name) ?? []))} ms`);
  console.log(`\nStart to first response: ${starting.join(", ")}.`);
  console.log(`Edit to first new response: ${Math.round(median(reloads))} ms.`);
  console.log(`Resident memory after the load: ${memory.join(", ")}.`);
  console.log(`1,000 requests at once to a function of ${crowds.join("; of ")}.`);
}

function rotated(round: number): string[] {
  return round % 2 === 0 ? names : names.toReversed();
}

function ms(values: number[]): string {
  return median(values).toFixed(2);
}

/** Returns the resident memory on Linux, and `?` elsewhere. */
function residentMb(pid: number | undefined): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return String(Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024));
  } catch {
    return "?";
  }
}
