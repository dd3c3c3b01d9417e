import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { idFactory } from "@secure-backend/core/audit/id";
import { hello } from "@secure-backend/core/greeting/operations";
import { compact } from "@secure-backend/core/traffic/compact";
import { lambdaContext } from "@secure-backend/testing/event";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { type RouteRequest, routeEvent } from "../test/route-event";
import type { CallLimits } from "./aws-client";
import type { ServedHandler } from "./serve";

const ENVIRONMENT = {
  ...{ AUDIT_TABLE: "audit", AUDIT_RETENTION_DAYS: "30", TRAFFIC_TABLE: "traffic", AWS_REGION: "eu-west-1" },
  ...{ ACCESS_LOG_GROUP: "group", FUNCTION_LOG_GROUPS: "{}" },
};
/** The handlers' modules read the environment: other tests import them with another one. */
for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
vi.resetModules();
const { recordEvents } = await import("./record-events");
const { readEvents } = await import("./read-events");
const { readTraffic } = await import("./read-traffic");
const { readAccessLog } = await import("./read-access-log");
const { readFunctionLog } = await import("./read-function-log");
const { implement, serveWith } = await import("./serve");
const { auditStore } = await import("./audit-store");
const { awsClientConfig, BACKGROUND_LIMITS, REQUEST_LIMITS, SEARCH_LIMITS } = await import("./aws-client");
const { cloudWatchPages } = await import("./log-pages");
const { dynamoTrafficStore } = await import("./traffic-store");
vi.unstubAllEnvs();
afterAll(() => {
  vi.resetModules();
});

const scope = "audit/write audit/read traffic/read tenant/acme";
const claims = { token_use: "access", sub: "machine", client_id: "machine", scope };

/** How a service fails to answer: never, or with headers and half a body, after which nothing comes. */
let behaviour: "silent" | "stalled" = "silent";
const server = createServer((_request, response) => {
  if (behaviour === "stalled") response.writeHead(200, { "content-length": "100" }).write("{");
});
let endpoint: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "info").mockImplementation(() => {});
});

const LIMITS: CallLimits = { maxAttempts: 2, requestTimeout: 20 };
function clientConfig() {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { ...awsClientConfig(LIMITS), endpoint, region: "eu-west-1", credentials };
}
const dynamo = () => new DynamoDBClient(clientConfig());
const logs = () => new CloudWatchLogsClient(clientConfig());
const audit = () => auditStore(dynamo(), "audit");

const AT = "2026-11-23T09:30:00Z";
const event = { action: "a", actor: { type: "user", id: "ada" }, outcome: "success", occurredAt: AT };

/** Each handler that uses a store, with a client whose service does not answer. */
const HANDLERS: Record<string, () => [handler: ServedHandler, request: RouteRequest]> = {
  "POST /events": () => [
    recordEvents({ store: audit(), newId: idFactory(), now: Date.now, retentionDays: 1 }),
    { body: event },
  ],
  "POST /events with a key": () => [
    recordEvents({ store: audit(), newId: idFactory(), now: Date.now, retentionDays: 1 }),
    { body: event, headers: { "idempotency-key": "k" } },
  ],
  "GET /events": () => [readEvents(audit(), Date.now), {}],
  "GET /events of an actor": () => [readEvents(audit(), Date.now), { query: { actor: "user:ada" } }],
  "GET /events/{id}": () => [readEvents(audit(), Date.now), { path: { id: "01KAR9Z0000000000000000000" } }],
  "GET /traffic": () => [readTraffic(dynamoTrafficStore(dynamo(), "traffic"), Date.now), {}],
  "GET /access-log": () => [readAccessLog(cloudWatchPages(logs(), "group"), Date.now), {}],
  "GET /function-log": () => [
    readFunctionLog(
      { groups: { "GET /events": "group" }, pagesOf: (group) => cloudWatchPages(logs(), group) },
      Date.now,
    ),
    { query: { route: "GET /events", integrationRequestId: "00000000-0000-4000-8000-000000000000", at: AT } },
  ],
};

describe("a service that does not answer", () => {
  const cases = Object.keys(HANDLERS).flatMap((name) =>
    (["silent", "stalled"] as const).map((kind) => ({ name, kind })),
  );

  it.each(cases)("makes 503 of $name ($kind)", async ({ name, kind }) => {
    behaviour = kind;
    const [handler, request] = HANDLERS[name]?.() ?? [];
    const [routeKey = ""] = /^\S+ [^ ]+/.exec(name) ?? [];
    const event = routeEvent(routeKey, { as: claims, ...request });
    const { statusCode, body = "" } = (await handler?.(event, lambdaContext)) ?? {};
    expect([statusCode, JSON.parse(body).type]).toEqual([503, "urn:secure-backend:problem:store.unavailable"]);
  });

  // Lambda tries such an invocation again, which is why it must end before the function's time is over.
  it.each(["silent", "stalled"] as const)("(%s) makes an error of work in the background", async (kind) => {
    behaviour = kind;
    const store = dynamoTrafficStore(dynamo(), "traffic");
    await expect(store.put({ pk: "p", sk: "s", body: "" })).rejects.toThrow();
    await expect(compact(store, Date.now())).rejects.toThrow();
    const queue = new SQSClient({ ...clientConfig(), useQueueUrlAsEndpoint: false });
    const send = new SendMessageCommand({ QueueUrl: `${endpoint}/1/dead`, MessageBody: "{}" });
    await expect(queue.send(send)).rejects.toThrow();
  });

  it("makes 503 of work that many slow calls draw out, before the function's time is over", async () => {
    const handler = serveWith(
      { secrets: [] },
      implement(hello, () => new Promise<never>(() => {})),
    );
    const context = { ...lambdaContext, getRemainingTimeInMillis: () => 510 };
    const { statusCode } = await handler(routeEvent(hello.key, {}), context);
    expect(statusCode).toBe(503);
  });
});

describe("the limits", () => {
  /**
   * The SDK pauses at most 0.1 s before a second attempt and 0.2 s before a third:
   * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
   */
  const longest = ({ maxAttempts, requestTimeout }: CallLimits) => maxAttempts * requestTimeout + 300;

  // Timeouts of infra/components/secure-function.ts (10 s), sst.config.ts (searches: 15 s) and infra/components/traffic.ts (60 s).
  it.each([
    ["a request", REQUEST_LIMITS, 10_000],
    ["a search, which begins its last call after 4 s", SEARCH_LIMITS, 15_000 - 4_000],
    ["work in the background", BACKGROUND_LIMITS, 60_000],
  ])("of %s leave time to say so", (_title, limits, timeout) => {
    expect(longest(limits)).toBeLessThanOrEqual(timeout - 1_000);
  });

  it("hold for every client that a function makes", () => {
    const sources = readdirSync(import.meta.dirname).filter((file) => /^(?!.*test).*\.ts$/.test(file));
    const clients = sources.flatMap((file) => {
      const text = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
      return [...text.matchAll(/new \w+Client\((.*)/g)].map(([, config]) => ({ file, config }));
    });
    expect(clients.length).toBeGreaterThanOrEqual(6);
    expect(clients.filter(({ config = "" }) => !config.includes("awsClientConfig("))).toEqual([]);
  });
});
