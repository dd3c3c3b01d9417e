import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeTraffic, encodeTraffic } from "./encoding";
import { countLine, mergeTraffic, noTraffic, OTHER, type Traffic } from "./traffic";

interface Fields {
  status?: number;
  routeKey?: string;
  user?: string;
  client?: string;
  sourceIp?: string;
  responseLatency?: number;
  responseLength?: number;
}

function trafficOf(lines: Fields[]): Traffic {
  const traffic = noTraffic();
  const rest = { requestId: "x", requestTimeEpoch: 1, status: 200, responseLength: 1, responseLatency: 1 };
  for (const line of lines) countLine(traffic, JSON.stringify({ ...rest, ...line }));
  return traffic;
}

const fields: fc.Arbitrary<Fields> = fc.record({
  status: fc.constantFrom(101, 200, 301, 404, 503),
  routeKey: fc.constantFrom("GET /a", "GET /b", "POST /a"),
  user: fc.constantFrom("-", "a", "b"),
  client: fc.constantFrom("-", "a", "c"),
  sourceIp: fc.constantFrom("-", "203.0.113.1", "203.0.113.2"),
  responseLatency: fc.double({ min: 0, max: 30_000, noNaN: true }),
  responseLength: fc.integer({ min: 0, max: 1e9 }),
});

function sum(items: Iterable<{ requests: number }>): number {
  return [...items].reduce((total, { requests }) => total + requests, 0);
}

describe("encoded traffic", () => {
  it("decodes to the same traffic", { tags: ["sampled"] }, () => {
    fc.assert(
      fc.property(fc.array(fields), (lines) => {
        const traffic = trafficOf(lines);
        expect(decodeTraffic(encodeTraffic(traffic))).toEqual(traffic);
      }),
      sampled({ suite: 40, soak: 5000 }),
    );
  });

  it("has the same bytes for any order of counting and merging", { tags: ["sampled"] }, () => {
    fc.assert(
      fc.property(fc.array(fields), fc.array(fields), (some, more) => {
        const merged = trafficOf(more.toReversed());
        mergeTraffic(merged, trafficOf(some.toReversed()));
        expect(encodeTraffic(merged)).toBe(encodeTraffic(trafficOf([...some, ...more])));
      }),
      sampled({ suite: 20, soak: 5000 }),
    );
  });

  it.each([200, 201])("lists up to 200 of %i callers and loses no request", (callers) => {
    const lines = Array.from({ length: callers }, (_, index) => ({ sourceIp: `2001:db8::${index}` }));
    const encoded = decodeTraffic(encodeTraffic(trafficOf([...lines, { sourceIp: "203.0.113.7" }, ...lines])));
    expect(encoded.callers.size).toBe(201);
    expect(encoded.callers.get(OTHER)?.requests).toBe(callers === 200 ? 1 : 3);
    expect(encoded.callers.has("address:203.0.113.7")).toBe(false);
    expect(sum(encoded.callers.values())).toBe(2 * callers + 1);
  });

  it("is the same for any order of equally busy callers", () => {
    const lines = Array.from({ length: 300 }, (_, index) => ({
      sourceIp: `2001:db8::${index}`,
      routeKey: `GET /${index}`,
    }));
    expect(encodeTraffic(trafficOf(lines.toReversed()))).toBe(encodeTraffic(trafficOf(lines)));
  });

  it("lists 40 routes and merges the rest with their latencies", () => {
    const lines = Array.from({ length: 42 }, (_, index) => ({ routeKey: `GET /${index}` }));
    const encoded = decodeTraffic(encodeTraffic(trafficOf([...lines, ...lines.slice(2)])));
    expect(encoded.routes.size).toBe(41);
    expect(encoded.routes.get(OTHER)).toEqual({
      ...encoded.routes.get("GET /2"),
      statuses: [0, 2, 0, 0, 0],
      latency: new Map([[0, 2]]),
    });
  });

  it("is at most 380,000 bytes in the worst case, below DynamoDB's 400 KB", () => {
    const worst = "\u0001".repeat(500); // six bytes of JSON each
    const traffic = noTraffic();
    const latencies = Array.from({ length: 850 }, (_, index) => 0.05 * 1.018 ** index);
    for (let index = 0; index < 250; index++) {
      const name = `${index}${worst}`;
      const lines = latencies.map((responseLatency) => ({
        routeKey: name,
        user: name,
        responseLatency,
        responseLength: 1e9,
      }));
      mergeTraffic(traffic, trafficOf(index < 60 ? lines : lines.slice(0, 1)));
    }
    // More than the requests of a day: 850 million over 60 routes would need 8 digits in each bin.
    for (const { latency } of traffic.routes.values()) for (const bin of latency.keys()) latency.set(bin, 123_456_789);
    for (const caller of traffic.callers.values())
      Object.assign(caller, { requests: 850_000_000, serverErrors: 850_000_000 });
    const { routes, callers } = decodeTraffic(encodeTraffic(traffic));
    expect([routes.size, callers.size]).toEqual([41, 201]);
    expect(Math.max(...[...routes.values()].map(({ latency }) => latency.size))).toBeGreaterThan(380);
    expect(Buffer.byteLength(encodeTraffic(traffic))).toBeLessThanOrEqual(380_000);
    expect(Buffer.byteLength(encodeTraffic(traffic))).toBeGreaterThan(250_000);
  });
});

describe("a line", () => {
  const names = (lines: Fields[]) => [...trafficOf(lines).callers.keys()];
  it.each<[string, Fields, string]>([
    ["a person", { user: "u1", client: "web", sourceIp: "203.0.113.7" }, "user:u1"],
    ["a person without a client", { user: "u1" }, "user:u1"],
    // Cognito sets the `sub` of a client-credentials token to the client's id.
    ["a machine client", { user: "m1", client: "m1", sourceIp: "203.0.113.7" }, "client:m1"],
    ["a client without sub", { client: "m1" }, "client:m1"],
    ["an anonymous caller", { sourceIp: "203.0.113.7" }, "address:203.0.113.7"],
    ["an unknown caller", {}, "(unknown)"],
  ])("of %s counts for its caller", (_title, line, caller) => {
    expect(names([line])).toEqual([caller]);
  });

  it.each([
    ["is not JSON", "x"],
    ["has no status", '{"requestId":"x"}'],
    [
      "has status 99",
      JSON.stringify({ requestId: "x", requestTimeEpoch: 1, status: 99, responseLength: 1, responseLatency: 1 }),
    ],
    [
      "has status 600",
      JSON.stringify({ requestId: "x", requestTimeEpoch: 1, status: 600, responseLength: 1, responseLatency: 1 }),
    ],
    [
      "has a time that no date can have",
      JSON.stringify({ requestId: "x", requestTimeEpoch: 8.64e15 + 1, status: 200, responseLength: 1 }),
    ],
    [
      "has a latency below zero",
      JSON.stringify({ requestId: "x", requestTimeEpoch: 1, status: 200, responseLength: 1, responseLatency: -1 }),
    ],
  ])("that %s counts as unparseable and in no other figure", (_title, line) => {
    const traffic = noTraffic();
    countLine(traffic, line);
    expect(traffic).toEqual({ ...noTraffic(), unparseable: 1 });
  });

  it("without a latency counts as a request, but in no percentile", () => {
    const traffic = noTraffic();
    for (const latency of [undefined, "-", 20]) {
      const line = { requestId: "x", requestTimeEpoch: 1, status: 200, responseLength: 1, responseLatency: latency };
      countLine(traffic, JSON.stringify(line));
    }
    const { statuses, latency } = traffic.routes.get("(none)") ?? {};
    expect([statuses, [...(latency?.values() ?? [])]]).toEqual([[0, 3, 0, 0, 0], [1]]);
    expect(traffic.unparseable).toBe(0);
  });
});
