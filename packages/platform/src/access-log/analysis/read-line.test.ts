import { describe, expect, it } from "vitest";

import { readAccessLogLine } from "./read-line";

// SST 4.17.1's format (platform/src/components/aws/apigatewayv2.ts) with its variables replaced as
// API Gateway does. SST quotes values twice.
const SST = {
  requestTime: '"23/Nov/2026:09:30:00 +0000"',
  requestId: '"JCJM3j95PHcEJHg="',
  httpMethod: '"GET"',
  path: '"/events"',
  routeKey: '"GET /events"',
  status: "200",
  responseLatency: "12",
  integrationRequestId: '"8476a536-e9f4-11e8-9739-2dfe598c3fcd"',
  integrationStatus: '"200"',
  integrationLatency: '"11"',
  integrationServiceStatus: '"200"',
  ip: '"203.0.113.7"',
  userAgent: '"curl/8.7.1"',
};
const minimal = { requestTimeEpoch: 5, status: 200, responseLatency: 7 };
const entry = { ...minimal, requestId: "", responseLength: 0 };
const read = (value: unknown, names = {}) => readAccessLogLine(JSON.stringify(value), names);

describe("readAccessLogLine", () => {
  it("reads SST's format and removes the second quotes", () => {
    expect(read(SST)).toEqual({
      ok: true,
      entry: {
        requestTimeEpoch: Date.UTC(2026, 10, 23, 9, 30),
        requestTime: "23/Nov/2026:09:30:00 +0000",
        requestId: "JCJM3j95PHcEJHg=",
        httpMethod: "GET",
        path: "/events",
        routeKey: "GET /events",
        status: 200,
        responseLength: 0,
        responseLatency: 12,
        integrationRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        integrationStatus: 200,
        integrationLatency: 11,
        sourceIp: "203.0.113.7",
        userAgent: "curl/8.7.1",
      },
    });
  });

  it("reads a dash in double quotes as absent", () => {
    expect(read({ ...SST, routeKey: '"-"', integrationLatency: '"-"' })).toMatchObject({
      ok: true,
      entry: expect.not.objectContaining({ routeKey: expect.anything(), integrationLatency: expect.anything() }),
    });
  });

  it.each<[string, unknown, unknown]>([
    ["a line without id and bytes", minimal, entry],
    ["a log event of pnpm offline", { timestamp: 1, message: minimal }, entry],
    ["a log event with its message as text", { timestamp: 1, message: JSON.stringify(minimal) }, entry],
    ["a request that has a message and a timestamp", { ...minimal, timestamp: 1, message: { status: 500 } }, entry],
    [
      "a time as text",
      { ...minimal, requestTimeEpoch: "2026-11-23T09:30:00Z" },
      { ...entry, requestTimeEpoch: 1795426200000 },
    ],
    [
      "a time in another zone",
      { ...minimal, requestTimeEpoch: undefined, requestTime: "23/Nov/2026:10:30:00 +0100" },
      { ...entry, requestTimeEpoch: 1795426200000, requestTime: "23/Nov/2026:10:30:00 +0100" },
    ],
    [
      "a dash as the epoch, and a formatted time",
      { ...minimal, requestTimeEpoch: "-", requestTime: "23/Nov/2026:09:30:00 +0000" },
      { ...entry, requestTimeEpoch: 1795426200000, requestTime: "23/Nov/2026:09:30:00 +0000" },
    ],
    [
      "an epoch of digits in quotes",
      { ...minimal, requestTimeEpoch: "1795426200000" },
      { ...entry, requestTimeEpoch: 1795426200000 },
    ],
    ["a dash for the response's length", { ...minimal, responseLength: "-" }, entry],
    ["the resource of a REST API", { ...minimal, resourcePath: "/pets" }, { ...entry, routeKey: "/pets" }],
    ["our name if both are present", { ...minimal, sourceIp: "a", ip: "b" }, { ...entry, sourceIp: "a" }],
  ])("reads %s", (_title, line, expected) => {
    expect(read(line)).toEqual({ ok: true, entry: expected });
  });

  it.each<[string, unknown, string]>([
    ["text", "x", "not JSON, CLF, XML or CSV"],
    ["a list", [minimal], "not JSON, CLF, XML or CSV"],
    [
      "an invalid time",
      { ...minimal, requestTimeEpoch: "yesterday" },
      'field "requestTimeEpoch" is missing or of the wrong type',
    ],
    ["no time", { status: 200, responseLatency: 7 }, 'field "requestTimeEpoch" is missing or of the wrong type'],
    ["a status in words", { ...minimal, status: "OK" }, 'field "status" is missing or of the wrong type'],
    ["a dash for an id", { ...minimal, requestId: "-" }, 'field "requestId" is missing or of the wrong type'],
  ])("rejects %s with the reason", (_title, line, reason) => {
    expect(read(line)).toEqual({ ok: false, reason, sample: JSON.stringify(line) });
  });

  it("reads another format by its field names, and by ours for the rest", () => {
    const line = { code: "404", requestTimeEpoch: 5, took: 7, status: 200 };
    expect(read(line, { status: "code", responseLatency: "took" })).toEqual({
      ok: true,
      entry: { ...entry, status: 404 },
    });
  });
});
