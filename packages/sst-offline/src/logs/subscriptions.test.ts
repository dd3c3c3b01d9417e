import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Resource } from "@backend/sst-graph/graph";
import { idOf, serve } from "@backend/testing/serving";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type FixtureProject, fixtureProject, fixtureResource, lambdaRef } from "../../test/project";

/** Shortens pauses to this time. Waits of more than 5 s are limits and keep their length. */
const pauses = vi.hoisted(() => ({ maxMs: 5 }));
vi.mock("node:timers/promises", async (original) => {
  const timers = await original<typeof import("node:timers/promises")>();
  return {
    ...timers,
    setTimeout: (ms: number, ...more: []) => timers.setTimeout(ms > 5_000 ? ms : Math.min(ms, pauses.maxMs), ...more),
  };
});

const GROUP = "/aws/apigateway/Api/dev";

/** A handler that writes its events to a file, or fails as often as another file says. */
const CONSUMER = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
export const handler = async (event) => {
  const failures = process.env.FOLDER + "/failures";
  const left = existsSync(failures) ? Number(readFileSync(failures, "utf8")) : 0;
  if (left > 0) {
    writeFileSync(failures, String(left - 1));
    throw new Error("not now");
  }
  appendFileSync(process.env.FOLDER + "/delivered", JSON.stringify(event) + "\\n");
};`;

const SEND = { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: ["arn:aws:sqs:eu-west-1:000000000000:dead"] };

let project: FixtureProject;
let folder: string;
let offline: Awaited<ReturnType<typeof serve>>;

async function start(filterPattern = "", statements: object[] = [SEND]): Promise<void> {
  const resources: Resource[] = [
    fixtureResource("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "Subscription", {
      name: "Fixture",
      logGroup: GROUP,
      destinationArn: lambdaRef(1),
      filterPattern,
    }),
    fixtureResource("aws:sqs/queue:Queue", "Dead", { name: "dead" }),
    fixtureResource("aws:iam/role:Role", "Consumer", {
      name: "consumer",
      inlinePolicies: [{ name: "inline", policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) }],
    }),
  ];
  const role = { ref: "urn:pulumi:dev::fixture::aws:iam/role:Role::Consumer#arn" };
  const deadLetterConfig = { targetArn: "arn:aws:sqs:eu-west-1:000000000000:dead" };
  project = fixtureProject({ "GET /": { source: 'export const handler = async () => "ok";' } }, { resources });
  folder = path.join(project.folder, "kept");
  mkdirSync(folder);
  project.write({
    "GET /": { source: 'export const handler = async () => "ok";' },
    "GET /consumer": {
      source: CONSUMER,
      lambda: { role, deadLetterConfig, environment: { variables: { FOLDER: folder } } },
    },
  });
  offline = await serve(project.folder);
}

const request = async (target = "/") => idOf(await fetch(`${offline.url()}${target}`));
const fail = (times: number) => writeFileSync(path.join(folder, "failures"), String(times));

interface Delivery {
  logEvents: { id: string; timestamp: number; message: string }[];
}

function unpacked(event: string): Delivery {
  const { data } = (JSON.parse(event) as { awslogs: { data: string } }).awslogs;
  return JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString()) as Delivery;
}

function deliveries(): Delivery[] {
  const file = path.join(folder, "delivered");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").map(unpacked) : [];
}

const requestIds = (found: Delivery[]) =>
  found.flatMap(({ logEvents }) =>
    logEvents.map(({ message }) => (JSON.parse(message) as { requestId: string }).requestId),
  );

function deadLetters(): { body: string; attributes: Record<string, { StringValue: string }> }[] {
  const file = path.join(project.folder, ".offline/dev/sqs/dead.ndjson");
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
}

const shared = () => {
  beforeAll(() => start());
  afterEach(() => {
    rmSync(path.join(folder, "delivered"), { force: true });
    rmSync(path.join(project.folder, ".offline/dev/sqs/dead.ndjson"), { force: true });
  });
  afterAll(async () => {
    await offline.stop();
    project.remove();
  });
};

describe("a log subscription", () => {
  shared();

  it("delivers each line once, with the same id as a search", async () => {
    const ids = [];
    for (let index = 0; index < 30; index++) ids.push(await request());
    await expect.poll(() => requestIds(deliveries())).toEqual(ids);
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
    expect(deliveries()[0]).toEqual({
      messageType: "DATA_MESSAGE",
      owner: "000000000000",
      logGroup: GROUP,
      logStream: "access-log",
      subscriptionFilters: ["Fixture"],
      logEvents: expect.any(Array),
    });
    const credentials = { accessKeyId: "person", secretAccessKey: "person" };
    const client = new CloudWatchLogsClient({ endpoint: offline.endpointUrl, region: "eu-west-1", credentials });
    const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
    client.destroy();
    const delivered = deliveries().flatMap(({ logEvents }) => logEvents);
    expect(delivered).toEqual(events.map(({ eventId, timestamp, message }) => ({ id: eventId, timestamp, message })));
  });

  it("retries a failed event, up to three attempts", async () => {
    fail(2);
    const id = await request();
    await expect.poll(() => requestIds(deliveries())).toEqual([id]);
    expect(deadLetters()).toEqual([]);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
  it("sends an event that failed three times unchanged to the dead-letter queue, and continues", async () => {
    fail(3);
    const lost = await request();
    await expect.poll(deadLetters).toHaveLength(1);
    const [{ body = "", attributes = {} } = {}] = deadLetters();
    expect(requestIds([unpacked(body)])).toEqual([lost]);
    expect(attributes.ErrorMessage?.StringValue).toBe("not now");
    expect(attributes.RequestID?.StringValue).toMatch(/^[0-9a-f-]{36}$/);
    const id = await request();
    await expect.poll(() => requestIds(deliveries())).toEqual([id]);
  });

  it("continues after a restart with undelivered log events, and delivers nothing twice", async () => {
    const first = await request();
    await expect.poll(() => requestIds(deliveries())).toEqual([first]);
    fail(1000);
    pauses.maxMs = 60_000; // the second attempt does not come before the stop
    const second = await request();
    await expect.poll(() => readFileSync(path.join(folder, "failures"), "utf8")).toBe("999");
    await offline.stop();
    pauses.maxMs = 5;
    rmSync(path.join(folder, "failures"));
    offline = await serve(project.folder);
    const third = await request();
    await expect.poll(() => requestIds(deliveries())).toEqual([first, second, third]);
  });

  it("continues after a change of the graph", async () => {
    const before = await request();
    const file = path.join(project.folder, "infra/graph/dev.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"timeout":5', '"timeout":6'));
    await expect.poll(() => offline.news.some((text) => text.startsWith("Reloaded "))).toBe(true);
    const after = await request();
    await expect.poll(() => requestIds(deliveries())).toEqual([before, after]);
  });
});

describe("a function whose role may not send", () => {
  it("loses the event and reports the reason; a pattern filters out other events", async () => {
    await start("{ $.status = 404 }", []);
    try {
      await request();
      const missing = await request("/none");
      await expect.poll(() => requestIds(deliveries())).toEqual([missing]);
      fail(3);
      await request("/none");
      const denied = () => offline.news.find((text) => text.includes("is not authorized")) ?? "";
      await expect.poll(denied).toContain("sqs:SendMessage");
      expect(deadLetters()).toEqual([]);
    } finally {
      await offline.stop();
      project.remove();
    }
  });
});
