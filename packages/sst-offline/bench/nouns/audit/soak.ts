// Tests the audit trail during load, retries and kills. Measures its latency when it is large, and
// walks through it during writes.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import process from "node:process";
import { median } from "@backend/testing/median";
import { repositoryCopy, withoutLimits } from "@backend/testing/repository-copy";
import { holds, LAUNCH, MAIN, type Server, startServer, stop } from "../../soak/server";

const EVENTS = 10_000;
const CONCURRENCY = 20;
const KILLS = 10;
const MANY = 100_000;
const BATCH = 25;

const project = repositoryCopy(withoutLimits);
let server: Server;
let token = "";

async function restart(): Promise<void> {
  server = await startServer(project.folder);
  const args = [LAUNCH, MAIN, "token", "--client", "machine", "--scope", "audit/write audit/read tenant/acme"];
  token = execFileSync(process.execPath, [...args, "--project", project.folder])
    .toString()
    .trim();
}

function eventOf(action: string, number: number) {
  return {
    action,
    actor: { type: "service", id: `soak-${number % 100}` },
    targets: [{ type: "order", id: String(number) }],
    outcome: "success",
    occurredAt: new Date().toISOString(),
    metadata: { number: String(number) },
  };
}

interface Stored {
  id: string;
  targets: { id: string }[];
}

async function record(body: unknown, key?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return await fetch(`${server.url}/events`, {
    method: "POST",
    headers: { ...headers, ...(key !== undefined && { "idempotency-key": key }) },
    body: JSON.stringify(body),
  });
}

async function list(query: Record<string, string>): Promise<{ items: Stored[]; cursor?: string }> {
  const url = `${server.url}/events?${new URLSearchParams(query)}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { items: Stored[]; cursor?: string };
}

/** Returns all events of a query, page by page. */
async function walk(query: Record<string, string>): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page = await list({ ...query, limit: "200", ...(cursor !== "" && { cursor }) });
    found.push(...page.items);
    cursor = page.cursor;
  }
  return found;
}

async function exactlyOnce(): Promise<void> {
  await restart();
  const run = randomUUID().slice(0, 8);
  const ids = new Map<number, string>();
  let [next, retries, different, kills, done] = [0, 0, 0, 0, false];

  const client = async () => {
    while (next < EVENTS) {
      const number = next++;
      const event = eventOf(`soak.once-${run}`, number);
      const send = async () => {
        const response = await record(event, `${run}-${number}`).catch(() => undefined);
        if (response !== undefined && response.status < 500 && response.status !== 201) {
          throw new Error(`${response.status} ${await response.text()}`);
        }
        if (response?.status !== 201) return undefined;
        return ((await response.json().catch(() => undefined)) as Stored | undefined)?.id;
      };
      let id = await send();
      for (; id === undefined; id = await send()) {
        retries++;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      ids.set(number, id);
      if (number % 20 !== 0) continue; // 5 %
      let again = await send();
      for (; again === undefined; again = await send()) await new Promise((resolve) => setTimeout(resolve, 50));
      if (again !== id) different++;
    }
  };
  const killer = async () => {
    while (!done && kills < KILLS) {
      const due = ((kills + 1) * EVENTS) / (KILLS + 1);
      if (next < due) await new Promise((resolve) => setTimeout(resolve, 5));
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
  const seconds = (performance.now() - begin) / 1000;
  done = true;
  await killing;
  const found = await walk({ action: `soak.once-${run}` });
  const numbers = new Set(found.map(({ targets }) => targets[0]?.id));
  const lost = [...ids].filter(
    ([number, id]) => !found.some((event) => event.id === id && event.targets[0]?.id === String(number)),
  );
  holds(
    `${EVENTS} events at concurrency ${CONCURRENCY}, 5 % sent again, ${kills} kills (${retries} retries) ` +
      `in ${seconds.toFixed(0)} s: ${found.length} recorded, ${numbers.size} different, ` +
      `${lost.length} lost after a 201, ${different} retries with another id`,
    found.length === EVENTS && numbers.size === EVENTS && lost.length === 0 && different === 0 && kills === KILLS,
  );
  await stop(server);
}

async function largeTrail(): Promise<void> {
  await restart();
  let next = 0;
  const begin = performance.now();
  const writer = async () => {
    while (next < MANY) {
      const first = next;
      next += BATCH;
      const response = await record(Array.from({ length: BATCH }, (_, index) => eventOf("soak.many", first + index)));
      if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  console.log(`${MANY} events recorded in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  const queries: Record<string, Record<string, string>> = {
    "newest 50": {},
    "newest 200": { limit: "200" },
    "one actor's newest 50": { actor: "service:soak-42" },
    "one action's newest 50": { action: "soak.many" },
    "a missing target": { target: "order:none" },
  };
  for (const [name, query] of Object.entries(queries)) {
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const start = performance.now();
      await list(query);
      times.push(performance.now() - start);
    }
    const worst = Math.max(...times);
    console.log(
      `at ${MANY} events, ${name}: median ${median(times).toFixed(1)} ms, worst of 20 ${worst.toFixed(1)} ms`,
    );
  }
  await walkWhileWriting();
  await stop(server);
}

async function walkWhileWriting(): Promise<void> {
  const action = `soak.walk-${randomUUID().slice(0, 8)}`;
  const before = new Set<string>();
  for (let batch = 0; batch < 120; batch++) {
    const response = await record(Array.from({ length: BATCH }, (_, index) => eventOf(action, batch * BATCH + index)));
    const { items } = (await response.json()) as { items: { event: Stored }[] };
    for (const { event } of items) before.add(event.id);
  }
  let [written, done] = [0, false];
  const writer = async () => {
    while (!done) {
      await record(Array.from({ length: BATCH }, (_, index) => eventOf(action, 1_000_000 + index)));
      written += BATCH;
    }
  };
  const writers = [writer(), writer()];
  const seen = (await walk({ action })).map(({ id }) => id);
  done = true;
  await Promise.all(writers);
  const missed = [...before].filter((id) => !seen.includes(id)).length;
  const twice = seen.length - new Set(seen).size;
  holds(
    `a walk through ${before.size} events while ${written} more are written: ${missed} missed, ${twice} seen twice`,
    missed === 0 && twice === 0 && written > 0,
  );
}

await exactlyOnce();
await largeTrail();
project.remove();
