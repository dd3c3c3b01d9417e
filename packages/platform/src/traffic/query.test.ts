import { describe, expect, it } from "vitest";
import * as z from "zod/mini";

import { AppError } from "../error";
import { parse } from "../input";
import { TrafficAnswer } from "./answer";
import { TrafficQuery, trafficOver as trafficOfRange } from "./query";
import { rollUp } from "./roll-up";
import type { TrafficStore } from "./store";
import { memoryStore } from "./store";

/** Parses the query string first, as the operation does. */
const trafficOver = async (query: object | undefined, store: TrafficStore, now: number) =>
  await trafficOfRange(parse(TrafficQuery, query), store, now);

const NOW = Date.parse("2026-11-23T09:30:30Z");
const ask = (query: Record<string, string>) => trafficOver(query, memoryStore(), NOW);

describe("GET /traffic", () => {
  // Buckets counted by hand. The limit is 200. Minutes are kept for 2 days, hours for 90.
  it.each<[string, Record<string, string>, string, number, string, string]>([
    ["24 hours by default", {}, "hour", 25, "2026-11-22T09:00:00.000Z", "2026-11-23T10:00:00.000Z"],
    [
      "24 hours before `to` by default",
      { to: "2026-11-20T00:00:00Z" },
      "hour",
      24,
      "2026-11-19T00:00:00.000Z",
      "2026-11-20T00:00:00.000Z",
    ],
    [
      "until now by default",
      { from: "2026-11-23T09:00:00Z" },
      "minute",
      31,
      "2026-11-23T09:00:00.000Z",
      "2026-11-23T09:31:00.000Z",
    ],
    [
      "until now at most",
      { from: "2026-11-23T09:00:00Z", to: "2027-01-01T00:00:00Z" },
      "minute",
      31,
      "2026-11-23T09:00:00.000Z",
      "2026-11-23T09:31:00.000Z",
    ],
    [
      "whole buckets",
      { from: "2026-11-23T08:00:59.999Z", to: "2026-11-23T08:02:00.001Z" },
      "minute",
      3,
      "2026-11-23T08:00:00.000Z",
      "2026-11-23T08:03:00.000Z",
    ],
    [
      "200 minutes by the minute",
      { from: "2026-11-23T00:00:00Z", to: "2026-11-23T03:20:00Z" },
      "minute",
      200,
      "2026-11-23T00:00:00.000Z",
      "2026-11-23T03:20:00.000Z",
    ],
    [
      "201 minutes by the hour",
      { from: "2026-11-23T00:00:00Z", to: "2026-11-23T03:20:01Z" },
      "hour",
      4,
      "2026-11-23T00:00:00.000Z",
      "2026-11-23T04:00:00.000Z",
    ],
    [
      "2 days ago by the minute",
      { from: "2026-11-21T09:30:30Z", to: "2026-11-21T10:00:00Z" },
      "minute",
      30,
      "2026-11-21T09:30:00.000Z",
      "2026-11-21T10:00:00.000Z",
    ],
    [
      "before that by the hour",
      { from: "2026-11-21T09:30:29Z", to: "2026-11-21T10:00:00Z" },
      "hour",
      1,
      "2026-11-21T09:00:00.000Z",
      "2026-11-21T10:00:00.000Z",
    ],
    [
      "200 hours by the hour",
      { from: "2026-11-01T00:00:00Z", to: "2026-11-09T08:00:00Z" },
      "hour",
      200,
      "2026-11-01T00:00:00.000Z",
      "2026-11-09T08:00:00.000Z",
    ],
    [
      "201 hours by the day",
      { from: "2026-11-01T00:00:00Z", to: "2026-11-09T08:00:01Z" },
      "day",
      9,
      "2026-11-01T00:00:00.000Z",
      "2026-11-10T00:00:00.000Z",
    ],
    [
      "91 days ago by the day",
      { from: "2026-08-24T00:00:00Z", to: "2026-08-24T01:00:00Z" },
      "day",
      1,
      "2026-08-24T00:00:00.000Z",
      "2026-08-25T00:00:00.000Z",
    ],
    [
      "200 days",
      { from: "2026-01-01T00:00:00Z", to: "2026-07-20T00:00:00Z" },
      "day",
      200,
      "2026-01-01T00:00:00.000Z",
      "2026-07-20T00:00:00.000Z",
    ],
    [
      "730 days ago",
      { from: "2024-11-23T09:30:30Z", to: "2024-11-24T00:00:00Z" },
      "day",
      1,
      "2024-11-23T00:00:00.000Z",
      "2024-11-24T00:00:00.000Z",
    ],
  ])("returns %s", async (_title, query, granularity, buckets, from, to) => {
    const answer = await ask(query);
    expect(answer).toMatchObject({ granularity, from, to });
    expect(answer.series).toHaveLength(buckets);
    expect(answer.series[0]?.start).toBe(from);
  });

  it.each<[string, Record<string, string>, string, string]>([
    ["a day", { from: "2026-11-23" }, "/from", "must be an instant such as 2026-11-23T09:30:00Z"],
    ["epoch milliseconds", { to: "1795426200000" }, "/to", "must be an instant such as 2026-11-23T09:30:00Z"],
    ["an empty range", { from: "2026-11-23T09:00:00Z", to: "2026-11-23T09:00:00Z" }, "/from", "must be before /to"],
    ["a range backwards", { from: "2026-11-23T09:00:01Z", to: "2026-11-23T09:00:00Z" }, "/from", "must be before /to"],
    ["the future", { from: "2026-11-23T09:30:30Z" }, "/from", "must be before now"],
    [
      "the future until later",
      { from: "2026-11-23T09:31:00Z", to: "2026-11-23T10:00:00Z" },
      "/from",
      "must be before now",
    ],
    [
      "201 days",
      { from: "2026-01-01T00:00:00Z", to: "2026-07-20T00:00:01Z" },
      "/from",
      "must be at most 200 days before /to",
    ],
    [
      "what is not kept",
      { from: "2024-11-23T09:30:29Z", to: "2024-11-24T00:00:00Z" },
      "/from",
      expect.stringContaining("730 days"),
    ],
    ["another parameter", { form: "2026-11-23T09:00:00Z" }, "/form", "is not a known property"],
    ["a property of every JavaScript object", JSON.parse('{"__proto__":"x"}'), "/__proto__", "is not a known property"],
  ])("rejects %s and points at the parameter", async (_title, query, pointer, detail) => {
    const error = await Promise.resolve()
      .then(() => ask(query))
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: "input", code: "input.invalid", errors: [{ pointer, detail }] });
  });

  it("returns a response that matches its schema", async () => {
    const store = memoryStore();
    const line = (id: string, fields: object) => ({
      id,
      timestamp: NOW - 60_000,
      message: JSON.stringify({
        requestId: id,
        requestTimeEpoch: 1,
        responseLength: 100,
        responseLatency: 10,
        ...fields,
      }),
    });
    const lines = [
      line("1", { status: 200, routeKey: "GET /events", user: "u1" }),
      line("2", {
        status: 500,
        routeKey: "GET /events",
        user: "u1",
        client: "web",
        errorMessage: "Internal Server Error",
      }),
      line("3", { status: 404, errorMessage: "Not Found", sourceIp: "203.0.113.7" }),
      { id: "4", timestamp: NOW - 60_000, message: "torn" },
    ];
    await rollUp(lines, store, NOW);
    const answer = await trafficOver({ from: "2026-11-23T09:29:00Z" }, store, NOW);
    const latency = { p50: expect.closeTo(10, 0), p95: expect.closeTo(10, 0), p99: expect.closeTo(10, 0) };
    const none = {
      ...{ requests: 0, clientErrors: 0, serverErrors: 0, errorRate: 0, bytes: 0, latency: null },
      statuses: { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 },
    };
    const totals = {
      ...{ requests: 3, clientErrors: 1, serverErrors: 1, errorRate: 1 / 3, bytes: 300, latency },
      statuses: { "1xx": 0, "2xx": 1, "3xx": 0, "4xx": 1, "5xx": 1 },
    };
    expect(z.strictObject(TrafficAnswer.shape).parse(answer)).toEqual({
      from: "2026-11-23T09:29:00.000Z",
      to: "2026-11-23T09:31:00.000Z",
      granularity: "minute",
      totals,
      series: [
        { start: "2026-11-23T09:29:00.000Z", ...totals },
        { start: "2026-11-23T09:30:00.000Z", ...none },
      ],
      routes: [
        {
          ...{
            route: "GET /events",
            requests: 2,
            clientErrors: 0,
            serverErrors: 1,
            errorRate: 0.5,
            bytes: 200,
            latency,
          },
          statuses: { "1xx": 0, "2xx": 1, "3xx": 0, "4xx": 0, "5xx": 1 },
        },
        {
          ...{ route: "(none)", requests: 1, clientErrors: 1, serverErrors: 0, errorRate: 0, bytes: 100, latency },
          statuses: { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 1, "5xx": 0 },
        },
      ],
      callers: [
        { kind: "user", id: "u1", requests: 2, clientErrors: 0, serverErrors: 1 },
        { kind: "address", id: "203.0.113.7", requests: 1, clientErrors: 1, serverErrors: 0 },
      ],
      otherCallers: { requests: 0, clientErrors: 0, serverErrors: 0 },
      refusals: {
        ...{ throttled: 0, unauthorized: 0, forbidden: 0, "not-found": 1, "too-large": 0 },
        ...{ "integration-failed": 1, other: 0 },
      },
      unparseableLines: 1,
    });
  });
});
