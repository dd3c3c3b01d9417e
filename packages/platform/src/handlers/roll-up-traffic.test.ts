import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { awsJson, CREDENTIALS, dynamo } from "@backend/testing/aws-services";
import { lambdaContext } from "@backend/testing/event";
import { routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";

const messages: string[] = [];
let table: Awaited<ReturnType<typeof dynamo>>;
let queue: Awaited<ReturnType<typeof awsJson>>;
let rollUp: typeof import("./roll-up-traffic").handler;
let compact: typeof import("./compact-traffic").handler;
let handler: typeof import("./read-traffic").handler;

beforeAll(async () => {
  table = await dynamo("Traffic");
  queue = await awsJson((operation, input: { QueueUrl: string; MessageBody: string }) => {
    if (operation !== "SendMessage" || input.QueueUrl !== "https://sqs.eu-west-1.amazonaws.com/1/dead") {
      return { status: 400, body: { message: operation } };
    }
    messages.push(input.MessageBody);
    // The SDK compares the digest:
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    const MD5OfMessageBody = createHash("md5").update(input.MessageBody).digest("hex");
    return { status: 200, body: { MessageId: "5fea7756-0ea4-451a-a703-a558b933e274", MD5OfMessageBody } };
  });
  const environment = {
    ...CREDENTIALS,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_SQS: queue.endpoint,
    TRAFFIC_TABLE: "Traffic",
    DEAD_LETTER_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/1/dead",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  rollUp = (await import("./roll-up-traffic")).handler;
  compact = (await import("./compact-traffic")).handler;
  handler = (await import("./read-traffic")).handler;
});
beforeEach(() => {
  messages.length = 0;
  vi.spyOn(console, "info").mockImplementation(() => {});
});
afterAll(async () => {
  await Promise.all([table.close(), queue.close()]);
  vi.unstubAllEnvs();
});

const operator = {
  token_use: "access",
  sub: "ada",
  username: "ada",
  client_id: "web",
  scope: "traffic/read",
  "cognito:groups": "[operators]",
};
async function read(query: Record<string, string> = {}, as: Record<string, string> | null = operator) {
  const { statusCode, body = "" } = await handler(routeEvent("GET /traffic", { query, as }), lambdaContext);
  return { status: statusCode, body: JSON.parse(body) };
}

const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd" };
const pack = (value: unknown) => ({ awslogs: { data: gzipSync(JSON.stringify(value)).toString("base64") } });
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html, "Example 2:
// Subscription filters with Lambda"
const delivery = (messageType: string, logEvents: unknown[]) => ({
  owner: "123456789012",
  logGroup: "/aws/apigateway/SecureBackendAPI/dev",
  logStream: "a1b2c3d4e5",
  subscriptionFilters: ["Traffic"],
  messageType,
  logEvents,
});
const line = (index: number, timestamp: number) => ({
  id: `3195310660696698337880902507980421114328961542429${index}`,
  timestamp,
  message: JSON.stringify({
    requestId: `r${index}`,
    requestTimeEpoch: timestamp,
    routeKey: "GET /events",
    status: 200,
    responseLength: 71,
    responseLatency: 12,
    sourceIp: "203.0.113.7",
  }),
});

it("counts a delivery once if it is repeated, before and after a compaction", async () => {
  const now = Date.now();
  const lines = [now - 2 * 3_600_000, now - 3_600_000, now - 3_600_000, now].map((time, index) => line(index, time));
  const event = pack(delivery("DATA_MESSAGE", [...lines, { ...line(9, now), message: "torn" }]));
  const requests = async () => {
    const { body } = await read();
    return [body.totals.requests, body.unparseableLines];
  };
  await rollUp(event, context);
  expect(await requests()).toEqual([4, 1]);
  await rollUp(event, context);
  expect(await requests()).toEqual([4, 1]);
  await compact();
  await rollUp(event, context);
  await compact();
  expect(await requests()).toEqual([4, 1]);
  expect(messages).toEqual([]);
});

it("ignores a control message", async () => {
  const control = delivery("CONTROL_MESSAGE", [
    { id: "", timestamp: 1_438_262_460_000, message: "CWL CONTROL MESSAGE: Checking health of destination Lambda." },
  ]);
  await rollUp(pack(control), context);
  const { body } = await read({ from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" });
  expect([body.unparseableLines, messages]).toEqual([0, []]);
});

it.each([
  ["is not base64 of gzip", { awslogs: { data: "AAAA" } }],
  ["is truncated", { awslogs: { data: pack(delivery("DATA_MESSAGE", [])).awslogs.data.slice(0, 80) } }],
  ["is not JSON", { awslogs: { data: gzipSync("{").toString("base64") } }],
  ["has no lines", pack({ messageType: "DATA_MESSAGE" })],
  ["has an unknown type", pack(delivery("OTHER_MESSAGE", []))],
  ["has a line without an id", pack(delivery("DATA_MESSAGE", [{ timestamp: 1, message: "" }]))],
  [
    "has a line of the year 10000",
    pack(delivery("DATA_MESSAGE", [{ id: "1", timestamp: 253_402_300_800_000, message: "" }])),
  ],
  ["unpacks to more than 64 MB", { awslogs: { data: gzipSync(Buffer.alloc(65 * 1024 * 1024)).toString("base64") } }],
])("sends a delivery that %s to the dead-letter queue, unchanged", async (_title, event) => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  await rollUp(event, context);
  expect(messages.map((message) => JSON.parse(message))).toEqual([event]);
  expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: "the delivery cannot be read" }));
});

it("throws if the table cannot be written, so that Lambda retries", async () => {
  const send = vi.spyOn(table.client.constructor.prototype, "send").mockRejectedValue(new Error("throttled"));
  await expect(rollUp(pack(delivery("DATA_MESSAGE", [line(1, Date.now())])), context)).rejects.toThrow("throttled");
  send.mockRestore();
  expect(messages).toEqual([]);
});

it.each([
  ["a person who is not an operator", { ...operator, "cognito:groups": "[writers]" }, 403],
  ["a token without the scope", { ...operator, scope: "audit/read" }, 403],
  ["a machine client without the scope", { token_use: "access", sub: "m", client_id: "m", scope: "audit/read" }, 403],
  ["an anonymous caller", null, 401],
])("does not return the traffic to %s", async (_who, as, expected) => {
  expect((await read({}, as)).status).toBe(expected);
});

it("points at an invalid range", async () => {
  expect(await read({ from: "2100-01-01T00:00:00Z" })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/from" }] },
  });
});

it("names a missing environment variable", async () => {
  vi.stubEnv("TRAFFIC_TABLE", "");
  vi.resetModules();
  await expect(import("./compact-traffic")).rejects.toThrow("the environment variable TRAFFIC_TABLE is not set");
});
