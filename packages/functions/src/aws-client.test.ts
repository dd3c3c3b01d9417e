import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import path from "node:path";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { hello } from "@backend/core/greeting/operations";
import { OPERATIONS } from "@backend/core/operations";
import { PERMISSIONS } from "@backend/core/permissions";
import {
  awsClientConfig,
  BACKGROUND_LIMITS,
  type CallLimits,
  REQUEST_LIMITS,
  SEARCH_LIMITS,
} from "@backend/platform/lambda/aws-client";
import { implement, serveWith } from "@backend/platform/lambda/serve";
import { dynamoTrafficStore } from "@backend/platform/lambda/traffic-store";
import { compact } from "@backend/platform/traffic/compact";
import { CREDENTIALS } from "@backend/testing/aws-services";
import { lambdaContext } from "@backend/testing/event";
import { routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { handlerOf, importHandlers } from "../test/declared";

/** How a service fails: it never responds, or it stops in the middle of a body. */
let behaviour: "silent" | "stalled" = "silent";
let calls = 0;
const server = createServer((_request, response) => {
  calls++;
  if (behaviour === "stalled") response.writeHead(200, { "content-length": "100" }).write("{");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const HANDLERS = await importHandlers({ ...CREDENTIALS, AWS_ENDPOINT_URL: endpoint });
afterAll(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
  vi.resetModules();
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
/** A machine client with all permissions in one tenant. */
const scope = [...Object.keys(PERMISSIONS), "tenant/acme"].join(" ");
const claims = { token_use: "access", sub: "machine", client_id: "machine", scope };

/** All operations with their examples, also with an `Idempotency-Key` if they accept one. */
const OPERATION_REQUESTS = Object.values(OPERATIONS).map(({ key, headers, examples }) => {
  const all = Object.values(examples);
  const withKey = all.map((one) => ({ ...one, headers: { ...one.headers, "idempotency-key": "k" } }));
  return { key, requests: "idempotency-key" in headers ? [...all, ...withKey] : all };
});

/** Leaves enough time that only the clients' limits end a call. */
const NO_DEADLINE = { ...lambdaContext, getRemainingTimeInMillis: () => 3_600_000 };

describe("a service that does not respond", () => {
  const kinds = ["silent", "stalled"] as const;
  const cases = OPERATION_REQUESTS.flatMap((one) => kinds.map((kind) => ({ ...one, kind })));

  it.each(cases)("makes $key return 503 ($kind)", async ({ key, requests, kind }) => {
    behaviour = kind;
    passTimeFaster();
    const [{ usesServices }, handler] = handlerOf(HANDLERS, key);
    const hasCalled: boolean[] = [];
    for (const { status, summary, ...parts } of requests) {
      calls = 0;
      const { statusCode, body = "null" } = await handler(routeEvent(key, { as: claims, ...parts }), NO_DEADLINE);
      hasCalled.push(calls > 0);
      const statuses = statusCode === 207 ? statusesIn(body) : [statusCode];
      const expected = calls > 0 ? 503 : status;
      expect(statuses, `${key} (${summary}): see orUnavailable in aws-client.ts`).toEqual(statuses.map(() => expected));
    }
    expect(hasCalled, `${key}: expected an example that makes the function call its table or log group`).toEqual(
      usesServices ? expect.arrayContaining([true]) : hasCalled.map(() => false),
    );
  });

  // Lambda retries such an invocation, so it must end before the function times out.
  it.each(["silent", "stalled"] as const)("makes background work fail (%s)", async (kind) => {
    behaviour = kind;
    const store = dynamoTrafficStore(dynamo(), "traffic");
    await expect(store.put({ pk: "p", sk: "s", body: "" })).rejects.toThrow();
    await expect(compact(store, Date.now())).rejects.toThrow();
    const queue = new SQSClient({ ...clientConfig(), useQueueUrlAsEndpoint: false });
    const send = new SendMessageCommand({ QueueUrl: `${endpoint}/1/dead`, MessageBody: "{}" });
    await expect(queue.send(send)).rejects.toThrow();
  });

  it("returns 503 before the function times out if many calls are slow", async () => {
    const handler = serveWith(
      { secrets: [] },
      implement(hello, () => new Promise<never>(() => {})),
    );
    const context = { ...lambdaContext, getRemainingTimeInMillis: () => 510 };
    const { statusCode } = await handler(routeEvent(hello.key, {}), context);
    expect(statusCode).toBe(503);
  });
});

/** Makes timers and socket timeouts run 100 times faster. */
function passTimeFaster(): void {
  const { setTimeout } = globalThis;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms = 0, ...args: []) =>
    setTimeout(run, ms / 100, ...args)) as typeof setTimeout);
  const setSocketTimeout = Socket.prototype.setTimeout;
  vi.spyOn(Socket.prototype, "setTimeout").mockImplementation(function (this: Socket, ms, run) {
    return setSocketTimeout.call(this, ms / 100, run);
  });
}

/** Statuses of the items of a list (207). */
function statusesIn(body: string): number[] {
  return (JSON.parse(body) as { items: { status: number }[] }).items.map(({ status }) => status);
}

describe("the limits", () => {
  /**
   * The SDK pauses at most 0.1 s before a second attempt and 0.2 s before a third:
   * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
   */
  const longest = ({ maxAttempts, requestTimeout }: CallLimits) => maxAttempts * requestTimeout + 300;

  // Timeouts: 10 s in infra/components/secure-function.ts, 15 s for searches in sst.config.ts,
  // 60 s in infra/components/traffic.ts.
  it.each([
    ["a request", REQUEST_LIMITS, 10_000],
    ["a search, which starts its last call after 4 s", SEARCH_LIMITS, 15_000 - 4_000],
    ["work in the background", BACKGROUND_LIMITS, 60_000],
  ])("of %s leave time for an error response", (_title, limits, timeout) => {
    expect(longest(limits)).toBeLessThanOrEqual(timeout - 1_000);
  });

  it("apply to every client that a function creates", () => {
    const folders = [".", "../../platform/src/lambda", "../../platform/src/handlers"];
    const sources = folders.flatMap((folder) =>
      readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /^(?!.*test).*\.ts$/.test(file))
        .map((file) => path.join(import.meta.dirname, folder, file)),
    );
    const clients = sources.flatMap((file) => {
      const text = readFileSync(file, "utf8");
      return [...text.matchAll(/new \w+Client\((.*)/g)].map(([, config]) => ({ file, config }));
    });
    expect(clients.length).toBeGreaterThanOrEqual(5); // the platform's clients
    expect(clients.filter(({ config = "" }) => !config.includes("awsClientConfig("))).toEqual([]);
  });
});
