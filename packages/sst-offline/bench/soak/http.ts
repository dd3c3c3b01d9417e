// Sends requests during load, kills, edits and changes of the graph.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { fixtureProject } from "../../test/project";
import { load } from "../load";
import { holds, startServer, stop } from "./server";

/** During these requests, the heap grows to its working size. */
const WARM_UP_REQUESTS = 150_000;
const REQUESTS = 300_000;
/** Per request. A leak of one object per request would be larger. */
const MAX_GROWTH_BYTES = 40;
const KILLS = 20;
const EDITS = 500;
const GRAPHS = 100;
const CONCURRENT = 1000;

const returning = (text: string) => `export const handler = async () => ({ text: ${JSON.stringify(text)} });`;
const pause = "await new Promise((r) => setTimeout(r, 50));";
const functions = {
  "GET /hello": { source: returning("0") },
  "GET /slow": { source: `export const handler = async () => { ${pause} };`, lambda: { timeout: 20 } },
};
const project = fixtureProject(functions);

const start = () => startServer(project.folder);

/** Returns the request ids in the access log. Throws if a line cannot be parsed. */
function readLoggedIds(): string[] {
  const file = path.join(project.folder, ".offline/dev/logs/aws/apigateway/Api/dev/access-log.ndjson");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { message: { requestId: string } }).message.requestId);
}

async function memory(): Promise<void> {
  const server = await start();
  const samples: Sample[] = [];
  let requests = 0;
  while (requests < WARM_UP_REQUESTS + REQUESTS) {
    const { rate } = await load(new URL(`${server.url}/hello`), 50, 1000);
    requests += Math.round(rate);
    const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
    const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    if (requests > WARM_UP_REQUESTS) samples.push({ requests, bytes: kib * 1024 });
  }
  await stop(server);
  const [first, last] = [samples[0], samples.at(-1)].map((sample) => Math.round((sample?.bytes ?? 0) / 2 ** 20));
  const growth = slope(samples);
  holds(
    `${requests} requests at 50 connections: resident memory ${first} MiB after ${WARM_UP_REQUESTS}, ` +
      `${last} MiB at the end, ${growth.toFixed(1)} bytes more per request`,
    growth < MAX_GROWTH_BYTES,
  );
}

interface Sample {
  requests: number;
  /** Bytes of resident memory. */
  bytes: number;
}

/** Returns the growth in bytes per request, by least squares. */
function slope(samples: Sample[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ requests }) => requests)), mean(samples.map(({ bytes }) => bytes))];
  const above = samples.reduce((sum, { requests, bytes }) => sum + (requests - x) * (bytes - y), 0);
  return above / samples.reduce((sum, { requests }) => sum + (requests - x) ** 2, 0);
}

async function kills(): Promise<void> {
  const answered: string[] = [];
  for (let round = 0; round < KILLS; round++) {
    const server = await start();
    const client = async () => {
      for (;;) {
        const response = await fetch(`${server.url}/hello`);
        answered.push(response.headers.get("apigw-requestid") ?? "");
      }
    };
    const clients = Array.from({ length: 16 }, () => client().catch(() => {}));
    await new Promise((resolve) => setTimeout(resolve, 300 + round * 20));
    await stop(server, "SIGKILL");
    await Promise.all(clients);
  }
  const last = await start();
  const { status } = await fetch(`${last.url}/hello`);
  await stop(last);
  const lines = new Set(readLoggedIds());
  const lost = answered.filter((id) => !lines.has(id)).length;
  holds(
    `kill -9 during load ${KILLS} times: ${answered.length} responses, ${lost} of their lines lost, none torn; ` +
      `the next start responds with ${status}`,
    lost === 0 && status === 200,
  );
}

async function crowd(): Promise<void> {
  const server = await start();
  const begin = performance.now();
  const responses = await Promise.all(Array.from({ length: CONCURRENT }, () => fetch(`${server.url}/slow`)));
  const seconds = (performance.now() - begin) / 1000;
  await stop(server);
  const lines = new Set(readLoggedIds());
  const ok = responses.filter(({ status }) => status === 200).length;
  const inLog = responses.filter(({ headers }) => lines.has(headers.get("apigw-requestid") ?? "")).length;
  // 10 environments of 50 ms each need 5 s for 1,000.
  holds(
    `${CONCURRENT} concurrent requests to a function of 50 ms: ${ok} got 200 in ${seconds.toFixed(1)} s, ` +
      `${inLog} logged`,
    ok === CONCURRENT && inLog === CONCURRENT && seconds >= (CONCURRENT / 10) * 0.05,
  );
}

async function edits(): Promise<void> {
  const server = await start();
  let announced = 0;
  let written = 0;
  let answered = 0;
  let [requests, failed, stale, done] = [0, 0, 0, false];
  server.child.stdout?.on("data", (chunk) => {
    if (String(chunk).includes("F0 bundled")) announced = written;
  });
  const client = async () => {
    while (!done) {
      const least = announced;
      const response = await fetch(`${server.url}/hello`);
      const { text } = (await response.json()) as { text?: string };
      requests++;
      if (response.status !== 200) failed++;
      if (Number(text) < least) stale++;
      answered = Math.max(answered, Number(text));
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let edit = 1; edit <= EDITS; edit++) {
    written = edit;
    writeFileSync(path.join(project.folder, "f0.ts"), returning(String(edit)));
    // Most edits replace a function that has not responded yet.
    while (announced < edit || (edit % 5 === 0 && answered < edit))
      await new Promise((resolve) => setTimeout(resolve, 2));
  }
  done = true;
  await Promise.all(clients);
  await stop(server);
  holds(
    `${EDITS} edits during load: ${requests} requests, ${failed} failed, ` +
      `${stale} responses from code older than the announced build`,
    failed === 0 && stale === 0,
  );
}

/** Changes the graph. Every second graph has an additional route. */
async function graphs(): Promise<void> {
  const server = await start();
  let [requests, failed, wrong, done] = [0, 0, 0, false];
  const client = async () => {
    while (!done) {
      const { status } = await fetch(`${server.url}/hello`);
      requests++;
      if (status !== 200) failed++;
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let change = 1; change <= GRAPHS; change++) {
    const more = change % 2 === 1;
    const reloaded = new Promise<void>((resolve) => {
      const listen = (chunk: unknown) => {
        if (!String(chunk).includes("Reloaded")) return;
        server.child.stdout?.off("data", listen);
        resolve();
      };
      server.child.stdout?.on("data", listen);
    });
    project.write({ ...functions, ...(more && { "GET /more": { source: returning("more") } }) });
    await reloaded;
    if ((await fetch(`${server.url}/more`)).status !== (more ? 200 : 404)) wrong++;
  }
  done = true;
  await Promise.all(clients);
  await stop(server);
  holds(
    `${GRAPHS} changes of the graph during load: ${requests} requests, ${failed} failed, ` +
      `${wrong} responses from the previous graph`,
    failed === 0 && wrong === 0,
  );
}

await crowd();
await kills();
await edits();
await graphs();
await memory();
project.remove();
