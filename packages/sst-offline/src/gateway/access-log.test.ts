import { accessLogFormat } from "@backend/platform/access-log/format";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { outcomeOf, requestOf } from "../../test/outcome";
import { compileFormat } from "./access-log";
import type { Outcome } from "./outcome";

const addresses = {
  stage: "dev",
  executeApiHost: "aaaaaaaaaa.execute-api.eu-west-1.amazonaws.com",
  isExecuteApiDisabled: false,
  mappings: [],
};
const api = { id: "aaaaaaaaaa", accountId: "123456789012", addresses };

type Changes = Partial<Outcome> & { path?: string; userAgent?: string };

function logged({ path = "/dev/a", userAgent = "curl/8", ...changes }: Changes = {}) {
  const rawHeaders = userAgent === "" ? [] : ["User-Agent", userAgent];
  const request = requestOf({ path, query: "secret=1", rawHeaders, body: Buffer.alloc(3) });
  const response = { status: 404, headers: {}, cookies: [], body: Buffer.from("ä") };
  return { api, outcome: outcomeOf(request, { response, latency: 12, ...changes }) };
}
const line = (format: string, changes: Changes = {}) => compileFormat(format).render(logged(changes));

describe("an access log entry", () => {
  // The variables:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
  // `requestTime` and `requestId`: events recorded in April 2025 in aws/aws-lambda-dotnet.
  it.each<[string, string]>([
    ["requestId", "JCJM3j95PHcEJHg="],
    ["extendedRequestId", "JCJM3j95PHcEJHg="],
    ["requestTime", "14/Apr/2025:22:14:16 +0000"],
    ["requestTimeEpoch", "1744668856007"],
    ["httpMethod", "GET"],
    ["path", "/dev/a"],
    ["protocol", "HTTP/1.1"],
    ["stage", "dev"],
    ["status", "404"],
    ["responseLatency", "12"],
    ["responseLength", "2"],
    ["dataProcessed", "5"],
    ["identity.sourceIp", "127.0.0.1"],
    ["identity.userAgent", "curl/8"],
    ["apiId", "aaaaaaaaaa"],
    ["accountId", "123456789012"],
    ["domainName", "aaaaaaaaaa.execute-api.eu-west-1.amazonaws.com"],
    ["domainPrefix", "aaaaaaaaaa"],
    ["routeKey", "-"],
    ["integrationLatency", "-"],
    ["error.message", "-"],
    ["error.messageString", "-"],
    ["authorizer.error", "-"],
    ["authorizer.claims.sub", "-"],
    ["authorizer.tenant", "-"],
    ["identity.clientCert.validity.notAfter", "-"],
  ])("has $context.%s as %s", (variable, expected) => {
    expect(line(`$context.${variable} $context.requestId`)).toBe(`${expected} JCJM3j95PHcEJHg=`);
  });

  const error = { message: "Not Found", type: "NOT_FOUND" };
  it.each<[Changes, string, string]>([
    [{ routeKey: "GET /a" }, "routeKey", "GET /a"],
    [{ integration: { latency: 0 } }, "integrationLatency", "0"],
    [{ integration: { latency: 7 } }, "integration.latency", "7"],
    [{ integration: { serviceStatus: 200 } }, "integrationStatus", "200"],
    [{ integration: { serviceStatus: 200 } }, "integration.integrationStatus", "200"],
    [{ integration: { functionStatus: 405 } }, "integration.status", "405"],
    [{ integration: { requestId: "8476a536" } }, "integration.requestId", "8476a536"],
    [{ integration: { requestId: "8476a536" } }, "awsEndpointRequestId", "8476a536"],
    [{ integration: { error: "late" } }, "integration.error", "late"],
    [{ integration: { error: "late" } }, "integrationErrorMessage", "late"],
    [{ error }, "error.message", "Not Found"],
    [{ error }, "error.messageString", '"Not Found"'], // quoted already
    [{ error }, "error.responseType", "NOT_FOUND"],
    [{ userAgent: "" }, "identity.userAgent", "-"],
  ])("with %j has $context.%s as %s", (changes, variable, expected) => {
    expect(line(`$context.${variable} $context.requestId`, changes)).toBe(`${expected} JCJM3j95PHcEJHg=`);
  });

  it("has claims whose names contain colons and hyphens", () => {
    const authorized = { claims: { "cognito:groups": "[a b]", "x-y": "z" }, scopes: null };
    const format = "$context.authorizer.claims.cognito:groups $context.authorizer.claims.x-y $context.requestId";
    expect(line(format, { authorized })).toBe("[a b] z JCJM3j95PHcEJHg=");
  });

  it("keeps the text around its variables", () => {
    expect(line("[$context.requestId] $context.status. $ $context ${}")).toBe("[JCJM3j95PHcEJHg=] 404. $ $context ${}");
  });

  it("never contains the query string", () => {
    expect(line(accessLogFormat)).not.toContain("secret");
  });

  it("in the project's format is JSON for any request", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 9000 }),
        fc.string({ unit: "grapheme" }),
        (userAgent, path) => {
          const text = line(accessLogFormat, { userAgent, path: `/${path}` });
          expect(text).not.toMatch(/[\n\r]/);
          const entry = JSON.parse(Buffer.from(text).toString());
          expect(entry.userAgent).toBe(userAgent === "" ? "-" : userAgent);
          expect(entry.path).toBe(`/${path}`);
          expect(entry.status).toBe(404);
        },
      ),
    );
  });

  it.each(['"', "\\", '\\"', "\n", "\r\n", "\u2028", "\u0000", "\u007f", "😀", "\ud83d", '","status":"200'])(
    "keeps %j in a User-Agent as it was",
    (userAgent) => {
      expect(JSON.parse(Buffer.from(line(accessLogFormat, { userAgent })).toString()).userAgent).toBe(userAgent);
    },
  );
});

describe("an access-log format", () => {
  it("is JSON only if all its lines are JSON", () => {
    const isJson = (format: string) => compileFormat(format).isJson;
    expect(isJson(accessLogFormat)).toBe(true);
    expect(isJson('{"id":"$context.requestId","status":$context.status}')).toBe(true);
    expect(isJson('{"id":"$context.requestId","latency":$context.integrationLatency}')).toBe(false); // may be a bare -
    expect(isJson('{"id":"$context.requestId","m":"$context.error.messageString"}')).toBe(false); // quotes in quotes
    expect(isJson('{"id":"$context.requestId","m":$context.error.messageString}')).toBe(false); // may be a bare -
    expect(isJson('$context.identity.sourceIp - [$context.requestTime] "$context.routeKey" $context.requestId')).toBe(
      false,
    );
  });

  // The limits: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
  // and the service model of AccessLogSettings.format. CreateStage rejects `rawQueryString`
  // (noted in a public Terraform module).
  it.each([
    ["$context.requestId $context.rawQueryString", "the access-log format contains $context.rawQueryString"],
    ["$context.requestId $context.constructor", "the access-log format contains $context.constructor"],
    [
      "$context.requestId $context.requestOverride.header",
      "the access-log format contains $context.requestOverride.header",
    ],
    ["$context.status", "the access-log format does not contain $context.requestId"],
    ["$context.requestIdentity $context.status", "the access-log format does not contain $context.requestId"],
    ["$context.requestId\n", "the access-log format has more than one line"],
  ])("%j is rejected", (format, message) => {
    expect(() => compileFormat(format)).toThrow(message);
  });

  it("may have at most 3 KB", () => {
    const format = (length: number) => "$context.requestId ".padEnd(length, "x");
    expect(() => compileFormat(format(3072))).not.toThrow();
    expect(() => compileFormat(format(3073))).toThrow("the access-log format has more than 3072 bytes");
  });
});
