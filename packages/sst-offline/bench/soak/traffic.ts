// Compares the traffic with the access log from which it was counted: during load, kills, repeated
// deliveries, and interrupted and repeated compactions.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

import { CloudWatchLogsClient, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { APP, withPrefix } from "@backend/testing/app";

import { repositoryCopy, withoutLimits } from "@backend/testing/repository-copy";
import { holds, LAUNCH, MAIN, type Server, startServer, stop } from "./server";

const REQUESTS = 50_000;
const CONCURRENCY = 20;
const KILLS = 5;
const HOUR = 3_600_000;
/** Lines of earlier hours, because recent ones are too new for a compaction. */
const HISTORY_LINES = 20_000;
const GROUP = `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`;

const project = repositoryCopy(withoutLimits);
const kept = path.join(project.folder, ".offline/dev");
const log = path.join(kept, `logs/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev/access-log.ndjson`);
const positions = path.join(kept, `subscriptions/${APP.prefix}RollUpTraffic-dev.json`);
let server: Server = await startServer(project.folder);
let operator = "";
let machine = "";

async function restart(): Promise<void> {
  server = await startServer(project.folder);
  signIn();
}

function signIn(): void {
  operator = token("--user", "ada", "--group", "operators", "--scope", "traffic/read");
  machine = token("--client", "machine");
}

function token(...args: string[]): string {
  const command = [LAUNCH, MAIN, "token", ...args, "--project", project.folder];
  return execFileSync(process.execPath, command).toString().trim();
}

/** Requests of each kind, sent in rotation. */
const KINDS: ((number: number) => [path: string, init: RequestInit])[] = [
  () => ["/SecureBackendFunction", {}],
  () => ["/SecureBackendFunction", json("POST", { name: "Ada" })],
  () => ["/SecureBackendFunction", json("POST", {})],
  () => ["/SecureBackendFunction", { method: "DELETE" }],
  (number) => [`/nothing/${number}?a="b"`, { headers: { "user-agent": `quo"ted \\ ${number % 50}` } }],
  () => ["/traffic", {}],
  () => ["/access-log?limit=1", { headers: { authorization: `Bearer ${operator}` } }],
  () => ["/access-log", { headers: { authorization: `Bearer ${machine}` } }],
  () => ["/traffic", { headers: { authorization: "Bearer forged" } }],
  () => ["/openapi.json", {}],
];

function json(method: string, body: object): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/**
 * Sends a request. Returns false if the server was killed; its log may still contain the request.
 */
async function send(number: number): Promise<boolean> {
  const [target, init] = KINDS[number % KINDS.length]?.(number) ?? ["/", {}];
  const response = await fetch(`${server.url}${target}`, init).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response !== undefined;
}

async function load(): Promise<void> {
  let [next, kills, done] = [0, 0, false];
  const client = async () => {
    while (next < REQUESTS) {
      const number = next++;
      while (!(await send(number))) await delay(50);
    }
  };
  const killer = async () => {
    while (!done && kills < KILLS) {
      if (next < ((kills + 1) * REQUESTS) / (KILLS + 1)) await delay(5);
      else {
        kills++;
        await stop(server, "SIGKILL");
        await restart();
      }
    }
  };
  const killing = killer();
  const begin = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  done = true;
  await killing;
  console.log(`${REQUESTS} requests, ${kills} kills: ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

/** Writes lines of the previous three hours. One in a hundred is torn. */
async function writeHistory(): Promise<void> {
  const { awsEndpointUrl } = JSON.parse(readFileSync(path.join(kept, "outputs.json"), "utf8")) as {
    awsEndpointUrl: string;
  };
  const credentials = { accessKeyId: "person", secretAccessKey: "person" };
  const client = new CloudWatchLogsClient({ endpoint: awsEndpointUrl, region: APP.region, credentials });
  const start = Date.now() - 3.5 * HOUR;
  for (let first = 0; first < HISTORY_LINES; first += 500) {
    const logEvents = Array.from({ length: 500 }, (_, index) => {
      const number = first + index;
      const timestamp = Math.floor(start + (number * 3 * HOUR) / HISTORY_LINES);
      return { timestamp, message: number % 100 === 99 ? '{"requestId":"to' : historyLine(number, timestamp) };
    });
    await client.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName: "access-log", logEvents }));
  }
  client.destroy();
}

function historyLine(number: number, timestamp: number): string {
  const status = [200, 200, 201, 404, 500][number % 5];
  return JSON.stringify({
    requestId: `history-${number}`,
    requestTimeEpoch: timestamp,
    routeKey: ["GET /events", "POST /events", "GET /old"][number % 3],
    status,
    responseLength: number % 700,
    responseLatency: (number * 7919) % 1000,
    sourceIp: `203.0.113.${number % 250}`,
    user: number % 4 === 0 ? `user-${number % 30}` : "-",
  });
}

interface Figures {
  requests: number;
  statuses: Record<string, number>;
  bytes: number;
  latency: { p50: number; p95: number; p99: number };
}

interface TrafficReport {
  routes: ({ route: string } & Figures)[];
  unparseableLines: number;
}

async function traffic(): Promise<TrafficReport> {
  const from = new Date(Date.now() - 6 * HOUR).toISOString();
  const response = await fetch(`${server.url}/traffic?from=${from}`, {
    headers: { authorization: `Bearer ${operator}` },
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as TrafficReport;
}

/** Returns the figures of all routes except `GET /traffic`. */
function routesOf({ routes, unparseableLines }: TrafficReport): object {
  const others = routes.filter(({ route }) => route !== "GET /traffic").sort((a, b) => (a.route < b.route ? -1 : 1));
  return { routes: others, unparseableLines };
}

/** Waits until the subscription has delivered everything. */
async function waitForDeliveries(): Promise<void> {
  for (;;) {
    const { "access-log": position } = JSON.parse(readFileSync(positions, "utf8")) as Record<
      string,
      { delivered: number; pending?: number }
    >;
    const { length } = readFileSync(log);
    if (position?.pending === undefined && position?.delivered === length) return;
    await delay(100);
  }
}

interface Entry {
  routeKey: string;
  status: number;
  responseLatency: number;
  responseLength: number;
}

/** Parses the log line by line. */
function entriesIn(): { entries: Map<string, Entry[]>; torn: number } {
  const entries = new Map<string, Entry[]>();
  let torn = 0;
  for (const line of readFileSync(log, "utf8").trimEnd().split("\n")) {
    const { message } = JSON.parse(line) as { message: Entry | string };
    let entry: Entry;
    try {
      entry = typeof message === "string" ? JSON.parse(message) : message;
    } catch {
      torn++;
      continue;
    }
    const route = (entry.routeKey ?? "-") === "-" ? "(none)" : entry.routeKey;
    if (route === "GET /traffic") continue;
    const ofRoute = entries.get(route);
    if (ofRoute === undefined) entries.set(route, [entry]);
    else ofRoute.push(entry);
  }
  return { entries, torn };
}

function agree(report: TrafficReport): void {
  const { entries, torn } = entriesIn();
  const known = report.routes.filter(({ route }) => route !== "GET /traffic");
  const wrong: string[] = [];
  let [requests, worst] = [0, 0];
  for (const [route, found] of entries) {
    const figures = report.routes.find((candidate) => candidate.route === route);
    requests += found.length;
    const bytes = found.reduce((sum, { responseLength }) => sum + responseLength, 0);
    const classes = [1, 2, 3, 4, 5].map(
      (digit) => found.filter(({ status }) => Math.floor(status / 100) === digit).length,
    );
    if (figures?.requests !== found.length || figures.bytes !== bytes)
      wrong.push(`${route}: ${figures?.requests} for ${found.length}`);
    if (JSON.stringify(Object.values(figures?.statuses ?? {})) !== JSON.stringify(classes))
      wrong.push(`${route}: statuses`);
    const sorted = found.map(({ responseLatency }) => responseLatency).sort((a, b) => a - b);
    for (const [name, at] of [
      ["p50", 0.5],
      ["p95", 0.95],
      ["p99", 0.99],
    ] as const) {
      const exact = sorted[Math.max(Math.ceil(at * sorted.length), 1) - 1] ?? 0;
      const error =
        exact === 0 ? (figures?.latency[name] ?? 1) : Math.abs((figures?.latency[name] ?? 0) - exact) / exact;
      worst = Math.max(worst, error);
    }
  }
  holds(
    `GET /traffic and the log's ${requests} lines of ${entries.size} routes agree on requests, statuses and bytes, ` +
      `and on ${torn} torn lines; percentiles differ by at most ${(100 * worst).toFixed(2)} %` +
      `${wrong.length > 0 ? `: ${wrong.join(", ")}` : ""}`,
    wrong.length === 0 && worst <= 0.02 && report.unparseableLines === torn && known.length === entries.size,
  );
}

/** Compares `pnpm ops report`, and jq if it is installed, with the log. */
function checkReports(): void {
  const { entries } = entriesIn();
  const ops = path.resolve(path.dirname(MAIN), "../../ops/src/main.ts");
  const report = JSON.parse(
    execFileSync(process.execPath, [LAUNCH, ops, "report", log, "--format", "json"], { maxBuffer: 1e9 }).toString(),
  ) as {
    routes: { routeKey?: string; requests: number; statusClasses: number[]; latency: Figures["latency"] }[];
    unparseable: { lines: number };
  };
  const wrong = [...entries].filter(([route, found]) => {
    const reported = report.routes.find(({ routeKey = "(none)" }) => routeKey === route);
    const sorted = found.map(({ responseLatency }) => responseLatency).sort((a, b) => a - b);
    const rank = (at: number) => sorted[Math.max(Math.ceil(at * sorted.length) - 1, 0)];
    const { p50, p95, p99 } = reported?.latency ?? {};
    return reported?.requests !== found.length || p50 !== rank(0.5) || p95 !== rank(0.95) || p99 !== rank(0.99);
  });
  holds(`ops report agrees with the log on requests and percentiles of ${entries.size} routes`, wrong.length === 0);
  const filter = '.message | if type == "string" then (fromjson? // empty) else . end | .routeKey // "-"';
  try {
    const counted = execFileSync("sh", ["-c", `jq -r '${filter}' "${log}" | sort | uniq -c`]).toString();
    const counts = new Map(
      [...counted.matchAll(/^\s*(\d+) (.*)$/gm)].map(([, count, route = ""]) => [route, Number(count)]),
    );
    const same = [...entries].every(([route, found]) => counts.get(route === "(none)" ? "-" : route) === found.length);
    holds(`jq counts the same: ${counts.size} routes`, same);
  } catch (error) {
    console.log(`jq could not run: ${(error as Error).message.split("\n", 1)[0]}`);
  }
}

/** Starts with every schedule due, and lets the compaction finish or kills it. */
async function compact(kill: boolean, milliseconds: number): Promise<void> {
  await stop(server, kill ? "SIGKILL" : "SIGINT");
  writeFileSync(path.join(kept, "schedules.json"), JSON.stringify({ [`${APP.prefix}CompactTraffic-dev`]: 0 }));
  await restart();
  await delay(milliseconds);
}

/** Repeats the last delivery unchanged. */
async function redeliver(batch: { delivered: number; pending: number }): Promise<void> {
  await waitForDeliveries();
  await stop(server);
  const end = JSON.parse(readFileSync(positions, "utf8")) as Record<string, { inode: number; delivered: number }>;
  writeFileSync(positions, JSON.stringify({ "access-log": { ...end["access-log"], ...batch } }));
  server = await startServer(project.folder);
  const delivered = () => (JSON.parse(readFileSync(positions, "utf8")) as typeof end)["access-log"]?.delivered;
  while (delivered() !== batch.pending) await delay(5);
  await stop(server, "SIGKILL");
  writeFileSync(positions, JSON.stringify(end));
  await restart();
}

signIn();
let batch: { delivered: number; pending: number } | undefined;
const watch = setInterval(() => {
  try {
    const { "access-log": position } = JSON.parse(readFileSync(positions, "utf8"));
    if (position?.pending !== undefined) batch = { delivered: position.delivered, pending: position.pending };
  } catch {
    // the file does not exist yet
  }
}, 20);
await load();
await writeHistory();
await waitForDeliveries();
clearInterval(watch);
const before = await traffic();
agree(before);
checkReports();
if (batch === undefined) holds("a delivery was seen", false);
else {
  await redeliver(batch);
  holds("a repeated delivery changes nothing", same(await traffic(), before));
}
for (const milliseconds of [150, 300, 600]) await compact(true, milliseconds);
await compact(false, 5_000);
holds("three killed compactions and a complete one change nothing", same(await traffic(), before));
await compact(false, 5_000);
const after = await traffic();
holds("another compaction changes nothing", same(after, before));
agree(after);
await stop(server);
project.remove();

function same(a: TrafficReport, b: TrafficReport): boolean {
  const [left, right] = [JSON.stringify(routesOf(a)), JSON.stringify(routesOf(b))];
  if (left !== right) console.log(`${left}\n${right}`);
  return left === right;
}
