import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { lambdaContext } from "@secure-backend/testing/event";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { routeEvent } from "../test/route-event";
import { auditStore } from "./audit-store";
import { awsClientConfig, BACKGROUND_LIMITS, type CallLimits, REQUEST_LIMITS, SEARCH_LIMITS } from "./aws-client";
import { dynamoTrafficStore } from "./traffic-store";

vi.hoisted(() => {
  Object.assign(process.env, {
    ...{ AUDIT_TABLE: "audit", TRAFFIC_TABLE: "traffic", AWS_REGION: "eu-west-1" },
    MACHINE_GRANTS: JSON.stringify({ machine: { tenant: "acme", scopes: ["audit/read", "traffic/read"] } }),
  });
});
const { readEvents } = await import("./read-events");
const { readTraffic } = await import("./read-traffic");
const { http } = await import("./http");

const grants = { machine: { tenant: "acme", scopes: ["audit/read", "traffic/read"] } };
const claims = { token_use: "access", sub: "machine", client_id: "machine", scope: "audit/read traffic/read" };

/** How a service fails to answer: never, or with headers and half a body, after which nothing comes. */
let behaviour: "silent" | "stalled" = "silent";
let calls = 0;
const server = createServer((_request, response) => {
  calls++;
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
  calls = 0;
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "info").mockImplementation(() => {});
});

const LIMITS: CallLimits = { maxAttempts: 2, requestTimeout: 20 };
function client(): DynamoDBClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new DynamoDBClient({ ...awsClientConfig(LIMITS), endpoint, region: "eu-west-1", credentials });
}

describe("a service that does not answer", () => {
  it.each(["silent", "stalled"] as const)("(%s) makes 503 of a read of the audit trail", async (kind) => {
    behaviour = kind;
    const handler = readEvents(auditStore(client(), "audit"), grants, Date.now);
    const { statusCode, body = "" } = await handler(routeEvent("GET /events", { as: claims }), lambdaContext);
    expect([statusCode, JSON.parse(body).type]).toEqual([503, "urn:secure-backend:problem:store.unavailable"]);
    expect(calls).toBe(2);
  });

  it.each(["silent", "stalled"] as const)("(%s) makes 503 of a read of the traffic", async (kind) => {
    behaviour = kind;
    const handler = readTraffic(dynamoTrafficStore(client(), "traffic"), grants, Date.now);
    const { statusCode, body = "" } = await handler(routeEvent("GET /traffic", { as: claims }), lambdaContext);
    expect([statusCode, JSON.parse(body).type]).toEqual([503, "urn:secure-backend:problem:store.unavailable"]);
  });

  it("makes 503 of work that many slow calls draw out, before the function's time is over", async () => {
    const handler = http({ GET: () => new Promise(() => {}) }, { secrets: [] });
    const context = { ...lambdaContext, getRemainingTimeInMillis: () => 510 };
    const { statusCode } = await handler(routeEvent("GET /slow", {}), context);
    expect(statusCode).toBe(503);
  });
});

describe("the limits", () => {
  /**
   * The SDK pauses at most 0.1 s before a second attempt and 0.2 s before a third:
   * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
   */
  const longest = ({ maxAttempts, requestTimeout }: CallLimits) => maxAttempts * requestTimeout + 300;

  // Timeouts of infra/function.ts (10 s), sst.config.ts (searches: 15 s) and infra/traffic.ts (60 s).
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
