import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { awsJson, CREDENTIALS } from "@backend/testing/aws-services";
import { lambdaContext } from "@backend/testing/event";
import { routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cloudWatchPages } from "../lambda/log-pages";

const GROUP = "/aws/apigateway/SecureBackendAPI/dev";
const message = '{"requestId":"r1","requestTimeEpoch":1,"status":500,"responseLength":1,"responseLatency":1}';

type Answer = { status: number; body: unknown };
const asked: [operation: string, input: unknown][] = [];
let answers: (Answer | "nothing")[] = [];
let logs: Awaited<ReturnType<typeof awsJson>>;

beforeAll(async () => {
  logs = await awsJson((operation, input) => {
    asked.push([operation, input]);
    return answers.shift() ?? { status: 200, body: { events: [] } };
  });
});
beforeEach(() => {
  asked.length = 0;
  answers = [];
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
  it("is one call, whose end CloudWatch Logs includes", async () => {
    answers = [{ status: 200, body: { events: [{ timestamp: 5, message: "line", eventId: "1" }], nextToken: "next" } }];
    const page = await pages()({ from: 5, to: 10, pattern: "{ ($.status = 404) }", token: "this" });
    expect(page).toEqual({ lines: [{ timestamp: 5, message: "line" }], token: "next" });
    const filter = { filterPattern: "{ ($.status = 404) }", nextToken: "this" };
    expect(asked).toEqual([["FilterLogEvents", { logGroupName: GROUP, startTime: 5, endTime: 9, ...filter }]]);
  });

  it("may be empty, without pattern and token", async () => {
    expect(await pages()({ from: 0, to: 1 })).toEqual({ lines: [] });
    expect(asked).toEqual([["FilterLogEvents", { logGroupName: GROUP, startTime: 0, endTime: 0 }]]);
  });

  it("is busy after ThrottlingException", async () => {
    answers = [{ status: 400, body: { __type: "ThrottlingException", message: "Rate exceeded" } }];
    expect(await pages()({ from: 0, to: 1 })).toBe("busy");
  });

  it("is unavailable after ServiceUnavailableException, and if no answer comes in time", async () => {
    const unavailable = { kind: "unavailable", message: "CloudWatch Logs cannot be reached. Try again." };
    answers = [{ status: 500, body: { __type: "ServiceUnavailableException", message: "Try later" } }];
    await expect(pages()({ from: 0, to: 1 })).rejects.toMatchObject(unavailable);
    answers = ["nothing"];
    await expect(pages(50)({ from: 0, to: 1 })).rejects.toMatchObject(unavailable);
  });

  it("lets other errors through", async () => {
    answers = [
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

  it("answers from the log group that the environment names", async () => {
    const now = Date.now();
    answers = [{ status: 200, body: { events: [{ timestamp: now - 1000, message }] } }];
    const from = now - 60_000;
    const { status, body } = await get(
      { from: new Date(from).toISOString(), status: "5xx" },
      { ...operator, "cognito:groups": "[operators]" },
    );
    expect([status, body]).toMatchObject([200, { items: [{ requestId: "r1", status: 500 }], complete: true }]);
    expect(asked[0]?.[1]).toMatchObject({ logGroupName: GROUP, startTime: from });
  });

  it.each([
    ["a person who is no operator", operator, 403],
    ["a token without the scope", { ...operator, "cognito:groups": "[operators]", scope: "audit/read" }, 403],
    ["a machine client without the scope", { token_use: "access", sub: "m", client_id: "m", scope: "audit/read" }, 403],
    ["nobody", null, 401],
  ])("asks CloudWatch Logs nothing for %s", async (_who, as, expected) => {
    expect((await get({}, as)).status).toBe(expected);
    expect(asked).toEqual([]);
  });
});
