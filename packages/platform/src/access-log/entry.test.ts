import { describe, expect, it } from "vitest";

import { accessLogEntry, parseAccessLogEntry, parseAccessLogLine } from "./entry";
import { ACCESS_LOG_FIELDS } from "./fields";

// The values of a request that a function handled, as AWS documents each variable
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html).
const served = {
  requestId: "JCJM3j95PHcEJHg=",
  requestTimeEpoch: 1744668856000,
  requestTime: "14/Apr/2025:22:14:16 +0000",
  stage: "dev",
  routeKey: "ANY /SecureBackendFunction",
  httpMethod: "GET",
  path: "/dev/SecureBackendFunction",
  protocol: "HTTP/1.1",
  status: 200,
  responseLength: 71,
  responseLatency: 12,
  integrationLatency: "11",
  integrationStatus: "200",
  integrationRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  integrationError: "-",
  errorMessage: "-",
  errorType: "-",
  authorizerError: "-",
  user: "-",
  client: "-",
  sourceIp: "203.0.113.7",
  userAgent: "curl/8.7.1",
  domainName: "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
  apiId: "a1b2c3d4e5",
  accountId: "123456789012",
};
const minimal = { requestId: "x", requestTimeEpoch: 1, status: 404, responseLength: 23, responseLatency: 0 };
const { responseLatency, ...withoutLatency } = minimal;
const parse = (value: unknown) => parseAccessLogLine(JSON.stringify(value));

describe("parseAccessLogLine", () => {
  it("converts numeric strings to numbers and omits missing fields", () => {
    const { integrationError, errorMessage, errorType, authorizerError, user, client, ...present } = served;
    const entry = { ...present, integrationLatency: 11, integrationStatus: 200 };
    expect(parse(served)).toEqual({ ok: true, entry });
  });

  it.each([
    ["quoted numbers", { ...minimal, status: "404", responseLatency: "0.5" }, { ...minimal, responseLatency: 0.5 }],
    ["null for a missing field", { ...minimal, user: null }, minimal],
    ["no latency", { ...minimal, responseLatency: undefined }, withoutLatency],
    ["a dash for a latency", { ...minimal, responseLatency: "-" }, withoutLatency],
    ["unknown fields", { ...minimal, somethingNew: { a: 1 } }, minimal],
    ["a string that looks like a number", { ...minimal, userAgent: "12" }, { ...minimal, userAgent: "12" }],
    [
      "a string with special characters",
      { ...minimal, userAgent: '"\\\n\u0000😀' },
      { ...minimal, userAgent: '"\\\n\u0000😀' },
    ],
  ])("reads %s", (_title, line, entry) => {
    expect(parse(line)).toEqual({ ok: true, entry });
  });

  it.each([
    ["", "not JSON"],
    ['{"requestId":"x","status":-}', "not JSON"],
    ["[1]", "not a JSON object"],
    ["null", "not a JSON object"],
    ["12", "not a JSON object"],
    [JSON.stringify({ ...minimal, status: "-" }), 'field "status" is missing or of the wrong type'],
    [JSON.stringify({ ...minimal, status: "1e9" }), 'field "status" is missing or of the wrong type'],
    [JSON.stringify({ ...minimal, requestId: 5 }), 'field "requestId" is missing or of the wrong type'],
    [
      JSON.stringify({ ...minimal, integrationLatency: "soon" }),
      'field "integrationLatency" is missing or of the wrong type',
    ],
    [
      JSON.stringify({ ...minimal, requestTimeEpoch: 8640000000000001 }),
      'field "requestTimeEpoch" is 8640000000000001: expected 0 to 253402300799999',
    ],
    [JSON.stringify({ ...minimal, status: 600 }), 'field "status" is 600: expected 100 to 599'],
    [JSON.stringify({ ...minimal, status: 200.5 }), 'field "status" is 200.5: expected a whole number'],
    [JSON.stringify({ ...minimal, responseLatency: "-1" }), 'field "responseLatency" is -1: expected 0 to 86400000'],
    [
      JSON.stringify({ ...minimal, integrationLatency: -1 }),
      'field "integrationLatency" is -1: expected 0 to 86400000',
    ],
  ])("returns the reason for %s", (line, reason) => {
    expect(parseAccessLogLine(line)).toEqual({ ok: false, reason, sample: line });
  });

  it("keeps only the beginning of a long line", () => {
    const result = parseAccessLogLine("x".repeat(1_000_000));
    expect(result).toEqual({ ok: false, reason: "not JSON", sample: "x".repeat(200) });
  });
});

it.each(Object.keys(ACCESS_LOG_FIELDS))("the type check of %s agrees with the schema", (name) => {
  const valid = { requestId: "x", requestTimeEpoch: 5, status: 200, responseLength: 0 };
  for (const value of [undefined, true, 200, Number.NaN, Number.POSITIVE_INFINITY, "text", "", {}, []]) {
    const entry = { ...valid, [name]: value };
    expect([value, parseAccessLogEntry(entry, "").ok]).toEqual([value, accessLogEntry.safeParse(entry).success]);
  }
});
