import { awsJson, CREDENTIALS } from "@backend/testing/aws-services";
import { lambdaContext } from "@backend/testing/event";
import { routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

const ID = "8f5a1c1e-8d0b-4c55-9a3e-2f4b7d1e6a90";
const GROUPS = { "GET /events": "/aws/lambda/ReadEvents-dev", "POST /events": "/aws/lambda/RecordEvents-dev" };
const operator = {
  ...{ token_use: "access", sub: "ada", username: "ada", client_id: "web", scope: "traffic/read" },
  "cognito:groups": "[operators]",
};

const calls: [operation: string, input: unknown][] = [];
let logs: Awaited<ReturnType<typeof awsJson>>;
let handler: typeof import("./read-function-log").handler;

beforeAll(async () => {
  logs = await awsJson((operation, input) => {
    calls.push([operation, input]);
    return { status: 200, body: { events: [{ timestamp: 0, message: `{"requestId":"${ID}"}`, eventId: "1" }] } };
  });
  const groups = JSON.stringify(GROUPS);
  const environment = { AWS_ENDPOINT_URL: logs.endpoint, FUNCTION_LOG_GROUPS: groups };
  for (const [name, value] of Object.entries({ ...CREDENTIALS, ...environment })) vi.stubEnv(name, value);
  handler = (await import("./read-function-log")).handler;
});
beforeEach(() => {
  calls.length = 0;
  vi.spyOn(console, "info").mockImplementation(() => {});
});
afterAll(async () => {
  await logs.close();
  vi.unstubAllEnvs();
});

const get = async (query: Record<string, string>, as: Record<string, string> | null = operator) => {
  const { statusCode, body = "" } = await handler(routeEvent("GET /function-log", { query, as }), lambdaContext);
  return { status: statusCode, body: JSON.parse(body) };
};
const query = { route: "POST /events", integrationRequestId: ID, at: "1970-01-01T00:10:00Z" };

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
describe("GET /function-log", () => {
  it("reads the log group of the route from the environment", async () => {
    expect(await get(query)).toEqual({
      status: 200,
      body: {
        logGroup: "/aws/lambda/RecordEvents-dev",
        records: [{ timestamp: "1970-01-01T00:00:00.000Z", message: { requestId: ID } }],
        complete: true,
      },
    });
    const range = { startTime: 9 * 60_000, endTime: 15 * 60_000 - 1, filterPattern: `"${ID}"` };
    expect(calls).toEqual([["FilterLogEvents", { logGroupName: "/aws/lambda/RecordEvents-dev", ...range }]]);
  });

  it.each<[string, Record<string, string> | null, number]>([
    ["a person who is not an operator", { ...operator, "cognito:groups": "[writers]" }, 403],
    ["a token without the scope", { ...operator, scope: "audit/read" }, 403],
    ["a machine client without the scope", { token_use: "access", sub: "m", client_id: "m", scope: "audit/read" }, 403],
    ["an anonymous caller", null, 401],
  ])("does not call CloudWatch Logs for %s", async (_who, as, expected) => {
    expect((await get(query, as)).status).toBe(expected);
    expect(calls).toEqual([]);
  });
});

describe("the variable FUNCTION_LOG_GROUPS", () => {
  it.each([
    ["", "is not set"],
    ["x", "is not JSON of log groups"],
    ['{"GET /events":7}', "/GET ~1events must be a string"],
  ])("%j fails at startup", async (value, message) => {
    vi.stubEnv("FUNCTION_LOG_GROUPS", value);
    vi.resetModules();
    await expect(import("./read-function-log")).rejects.toThrow(message);
  });
});
