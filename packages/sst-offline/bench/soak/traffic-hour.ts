// Simulates an hour of prod's declared 1,000 requests per second. Measures the capacity of the
// traffic table and the time of `GET /traffic` in each minute. Uses the functions' store with a
// DynamoDB in memory.
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { deflateRawSync } from "node:zlib";

import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoTrafficStore } from "@backend/platform/lambda/traffic-store";
import { compact } from "@backend/platform/traffic/compact";
import { encodeTraffic } from "@backend/platform/traffic/encoding";
import type { DeliveredLine } from "@backend/platform/traffic/partial";
import { trafficOver } from "@backend/platform/traffic/query";
import { rollUp } from "@backend/platform/traffic/roll-up";
import type { TrafficStore } from "@backend/platform/traffic/store";
import { countLine, noTraffic } from "@backend/platform/traffic/traffic";
import { median } from "@backend/testing/median";
import dynalite from "dynalite";
import { holds } from "./server";

const RATE = 1_000;
/** The same number as in packages/ops/src/cost. */
const LINES_PER_DELIVERY = 500;
const DELAY_MS = 5_000;
const MINUTES = 60;
const MINUTE_MS = 60_000;
/** Seconds of each minute at which a page requests the last hour. */
const POLL_SECONDS = [5, 20, 35, 50];
const START = Date.parse("2026-11-23T09:00:00Z");
/** US dollars per million units: docs/operating.md, "Prices". */
const READ_USD = 0.125;
const WRITE_USD = 0.625;
const HOURS_A_MONTH = 730;

/** Ids that compress as badly as Cognito's, but are the same in every run. */
const USERS = Array.from({ length: 700 }, (_, index) => {
  const hex = createHash("sha256").update(String(index)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
});

/** Lines with the fields and about the size of API Gateway's. */
const MESSAGES = Array.from({ length: 20_000 }, (_, index) => {
  return JSON.stringify({
    requestId: `JCJM3j95PHcE${String(index).padStart(4, "0")}=`,
    requestTimeEpoch: START,
    requestTime: "23/Nov/2026:09:00:00 +0000",
    stage: "prod",
    routeKey: ["GET /events", "POST /events", "GET /events/{id}", "ANY /SecureBackendFunction"][index % 4],
    httpMethod: index % 4 === 1 ? "POST" : "GET",
    path: "/prod/events",
    protocol: "HTTP/1.1",
    status: [200, 201, 200, 200, 404, 200, 403, 200, 500, 200][(index * 7) % 10],
    responseLength: 200 + ((index * 31) % 4_000),
    responseLatency: 5 + (index ** 2 % 997),
    integrationLatency: 4 + (index ** 2 % 997),
    integrationStatus: 200,
    integrationRequestId: "8f5a1c1e-8d0b-4c55-9a3e-2f4b7d1e6a90",
    integrationError: "-",
    errorMessage: "-",
    errorType: "-",
    authorizerError: "-",
    user: USERS[(index * 31) % USERS.length],
    client: "1example23456789",
    sourceIp: `203.0.113.${index % 250}`,
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
    domainName: "api.example.com",
    apiId: "a1b2c3d4e5",
    accountId: "123456789012",
  });
});

function deliveryAt(start: number): DeliveredLine[] {
  return Array.from({ length: LINES_PER_DELIVERY }, (_, index) => {
    const timestamp = start + Math.floor((index * 1_000) / RATE);
    const number = ((start - START) * RATE) / 1_000 + index;
    return { id: String(number), timestamp, message: MESSAGES[(number * 7919) % MESSAGES.length] ?? "" };
  });
}

/** Capacity units, as the database in memory counts them. */
const units = { read: 0, written: 0 };

async function table(): Promise<{ store: TrafficStore; close(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials });
  await createTable(client);
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } as never });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
      const isWrite = "Item" in args.input;
      units[isWrite ? "written" : "read"] += ConsumedCapacity?.CapacityUnits ?? 0;
      return result;
    },
    { step: "initialize" },
  );
  const close = async () => {
    client.destroy();
    server.close();
    await once(server, "close");
  };
  return { store: dynamoTrafficStore(client, "Traffic"), close };
}

async function createTable(client: DynamoDBClient): Promise<void> {
  const attributes = ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const }));
  await client.send(
    new CreateTableCommand({
      TableName: "Traffic",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: attributes,
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
}

/** Capacity and response times of one minute. */
interface Minute {
  milliseconds: number[];
  readUnits: number[];
  compaction: { milliseconds: number; read: number; written: number };
  rollUp: number;
}

async function poll(store: TrafficStore, now: number, minute: Minute): Promise<number> {
  const before = units.read;
  const begin = performance.now();
  const from = now - MINUTES * MINUTE_MS;
  const answer = await trafficOver({ from }, store, now);
  JSON.stringify(answer);
  minute.milliseconds.push(performance.now() - begin);
  minute.readUnits.push(units.read - before);
  return answer.totals.requests;
}

async function compactAt(store: TrafficStore, now: number): Promise<Minute["compaction"]> {
  const before = { ...units };
  const begin = performance.now();
  await compact(store, now);
  return {
    milliseconds: performance.now() - begin,
    read: units.read - before.read,
    written: units.written - before.written,
  };
}

async function simulate(store: TrafficStore, compactEvery: number): Promise<{ minutes: Minute[]; miscounted: number }> {
  const minutes: Minute[] = [];
  let miscounted = 0;
  for (let number = 0; number < MINUTES; number++) {
    const begin = START + number * MINUTE_MS;
    const none = { milliseconds: 0, read: 0, written: 0 };
    const minute: Minute = { milliseconds: [], readUnits: [], compaction: none, rollUp: 0 };
    minutes.push(minute);
    if (number % compactEvery === 0) minute.compaction = await compactAt(store, begin);
    for (let second = 0; second < 60; second += (1 / RATE) * LINES_PER_DELIVERY) {
      const now = begin + second * 1_000;
      const before = units.written;
      const sent = now - DELAY_MS;
      if (sent >= START) await rollUp(deliveryAt(sent), store, now);
      minute.rollUp += units.written - before;
      if (!POLL_SECONDS.includes(second)) continue;
      const delivered = Math.max(0, (now - DELAY_MS - START) / 1_000) * RATE + (sent >= START ? LINES_PER_DELIVERY : 0);
      const counted = await poll(store, now, minute).catch(() => Number.NaN);
      if (counted !== delivered) miscounted += 1;
    }
  }
  return { minutes, miscounted };
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
const round = (number: number) => Math.round(number).toLocaleString("en-US");
const dollars = (usd: number) => usd.toFixed(2);

function report(minutes: Minute[]): void {
  console.log("| minute | GET /traffic, ms | read units | compaction, ms | its read units | its write units |");
  console.log("| --: | --: | --: | --: | --: | --: |");
  for (const [number, { milliseconds, readUnits, compaction }] of minutes.entries()) {
    if (number % 5 !== 4) continue;
    const cells = [number + 1, median(milliseconds), median(readUnits), compaction.milliseconds];
    console.log(`| ${[...cells, compaction.read, compaction.written].map(round).join(" | ")} |`);
  }
  const rollUps = sum(minutes.map(({ rollUp: written }) => written));
  const compactions = minutes.map(({ compaction }) => compaction);
  const [read, written] = [sum(compactions.map((one) => one.read)), sum(compactions.map((one) => one.written))];
  const month = (usd: number) => dollars((usd / 1e6) * HOURS_A_MONTH);
  console.log(
    `roll-up: ${round(rollUps)} write units per hour, ${month(rollUps * WRITE_USD)} USD per month; compaction: ` +
      `${round(read)} read and ${round(written)} write units per hour, ` +
      `${month(read * READ_USD + written * WRITE_USD)} USD per month`,
  );
  const perRequest = Math.max(...minutes.map(({ readUnits }) => median(readUnits)));
  const polls = 3_600 / 5;
  console.log(
    `an open page sends a request every 5 s: at most ${round(perRequest * polls)} read units, ` +
      `${dollars((perRequest * polls * READ_USD) / 1e6)} USD per hour`,
  );
}

/** Returns the size of a delivery's partial in the table. */
function partialBytes(): number {
  const traffic = noTraffic();
  for (const { message } of deliveryAt(START)) countLine(traffic, message);
  return deflateRawSync(encodeTraffic(traffic)).byteLength;
}

const compactEvery = Number(process.env.SOAK_COMPACT_MINUTES ?? 1);
const { store, close } = await table();
console.log(
  `an hour at ${round(RATE)} requests per second, ${LINES_PER_DELIVERY} lines of ` +
    `${median(MESSAGES.map(({ length }) => length))} bytes per delivery, ` +
    `${round(partialBytes())} bytes per partial; compaction every ${compactEvery} min`,
);
const { minutes, miscounted } = await simulate(store, compactEvery);
await close();
report(minutes);
holds(`each of ${MINUTES * POLL_SECONDS.length} responses counts every delivered request`, miscounted === 0);
const units10 = Math.max(...minutes.slice(10).flatMap(({ readUnits }) => readUnits));
const later = minutes.slice(10, 20).flatMap(({ readUnits }) => readUnits);
const last = minutes.slice(50).flatMap(({ readUnits }) => readUnits);
// Rows of minutes accumulate over the requested hour, but partials before compaction do not.
holds(
  `a response reads at most ${round(units10)} units: ${round(median(later))} in the second ten minutes, ` +
    `${round(median(last))} in the last`,
  median(last) <= 2 * median(later),
);
