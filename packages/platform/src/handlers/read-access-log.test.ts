import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { awsJson, CREDENTIALS } from "@backend/testing/aws-services";
import { lambdaContext } from "@backend/testing/event";
import { routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cloudWatchPages } from "../lambda/log-pages";

const GROUP = "/aws/apigateway/SecureBackendAPI/dev";
const message = '{"requestId":"r1","requestTimeEpoch":1,"status":500,"responseLength":1,"responseLatency":1}';

type Response = { status: number; body: unknown };
const calls: [operation: string, input: unknown][] = [];
let responses: (Response | "nothing")[] = [];
let logs: Awaited<ReturnType<typeof awsJson>>;

beforeAll(async () => {
  logs = await awsJson((operation, input) => {
    calls.push([operation, input]);
    return responses.shift() ?? { status: 200, body: { events: [] } };
  });
});
beforeEach(() => {
  calls.length = 0;
  responses = [];
});
afterAll(async () => {
  await logs.close();
  vi.unstubAllEnvs();
});

function pages(requestTimeout = 0) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const requestHandler = { requestTimeout, throwOnRequestTimeout: true };
  const rest = { endpoint: logs.endpoint, region: "eu-west-1", maxAttempts: 1, credentials };
  return cloudWatchPages(new CloudWatchLogsClient({ ...rest, ...(requestTimeout > 0 && { requestHandler }) }), GROUP);
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
describe("a page of the access log", () => {
  it("is one call, with an inclusive end", async () => {
    responses = [
      { status: 200, body: { events: [{ timestamp: 5, message: "line", eventId: "1" }], nextToken: "next" } },
    ];
    const page = await pages()({ from: 5, to: 10, pattern: "{ ($.status = 404) }", token: "this" });
    expect(page).toEqual({ lines: [{ timestamp: 5, message: "line" }], token: "next" });
    const filter = { filterPattern: "{ ($.status = 404) }", nextToken: "this" };
    expect(calls).toEqual([["FilterLogEvents", { logGroupName: GROUP, startTime: 5, endTime: 9, ...filter }]]);
  });

  it("may be empty and have no pattern and no token", async () => {
    expect(await pages()({ from: 0, to: 1 })).toEqual({ lines: [] });
    expect(calls).toEqual([["FilterLogEvents", { logGroupName: GROUP, startTime: 0, endTime: 0 }]]);
  });

  it("is busy after ThrottlingException", async () => {
    responses = [{ status: 400, body: { __type: "ThrottlingException", message: "Rate exceeded" } }];
    expect(await pages()({ from: 0, to: 1 })).toBe("busy");
  });

  it("is unavailable after ServiceUnavailableException or a timeout", async () => {
    const unavailable = { kind: "unavailable", message: "CloudWatch Logs cannot be reached. Try again." };
    responses = [{ status: 500, body: { __type: "ServiceUnavailableException", message: "Try later" } }];
    await expect(pages()({ from: 0, to: 1 })).rejects.toMatchObject(unavailable);
    responses = ["nothing"];
    await expect(pages(50)({ from: 0, to: 1 })).rejects.toMatchObject(unavailable);
  });

  it("does not handle other errors", async () => {
    responses = [
      { status: 400, body: { __type: "ResourceNotFoundException", message: "The log group does not exist." } },
    ];
    await expect(pages()({ from: 0, to: 1 })).rejects.toThrow("The log group does not exist.");
  });
});

describe("GET /access-log", () => {
  const operator = { token_use: "access", sub: "ada", username: "ada", client_id: "web", scope: "traffic/read" };
  let handler: typeof import("./read-access-log").handler;
  beforeAll(async () => {
    const environment = { AWS_ENDPOINT_URL: logs.endpoint, ACCESS_LOG_GROUP: GROUP };
    for (const [name, value] of Object.entries({ ...CREDENTIALS, ...environment })) vi.stubEnv(name, value);
    handler = (await import("./read-access-log")).handler;
  });
  beforeEach(() => {
    vi.spyOn(console, "info").mockImplementation(() => {});
  });
  const get = async (query: Record<string, string>, as: Record<string, string> | null) => {
    const { statusCode, body = "" } = await handler(routeEvent("GET /access-log", { query, as }), lambdaContext);
    return { status: statusCode, body: JSON.parse(body) };
  };

  it("reads the log group from the environment", async () => {
    const now = Date.now();
    responses = [{ status: 200, body: { events: [{ timestamp: now - 1000, message }] } }];
    const from = now - 60_000;
    const { status, body } = await get(
      { from: new Date(from).toISOString(), status: "5xx" },
      { ...operator, "cognito:groups": "[operators]" },
    );
    expect([status, body]).toMatchObject([200, { items: [{ requestId: "r1", status: 500 }], complete: true }]);
    expect(calls[0]?.[1]).toMatchObject({ logGroupName: GROUP, startTime: from });
  });

  it.each([
    ["a person who is not an operator", operator, 403],
    ["a token without the scope", { ...operator, "cognito:groups": "[operators]", scope: "audit/read" }, 403],
    ["a machine client without the scope", { token_use: "access", sub: "m", client_id: "m", scope: "audit/read" }, 403],
    ["an anonymous caller", null, 401],
  ])("does not call CloudWatch Logs for %s", async (_who, as, expected) => {
    expect((await get({}, as)).status).toBe(expected);
    expect(calls).toEqual([]);
  });
});
