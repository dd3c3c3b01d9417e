import { lambdaContext } from "@backend/testing/event";
import { routeEvent } from "@backend/testing/route-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { contract } from "../api/contract";
import { AppError } from "../error";
import type { Count } from "../quota/quotas";

import { REQUEST_METRICS } from "./metrics";
import { implement, serveWith } from "./serve";

const operation = contract({ "orders/write": { description: "Place orders", group: "clerks" } });
const place = operation("POST /orders", {
  id: "placeOrders",
  permission: "orders/write",
  body: z.array(z.string()),
  metered: true,
  answers: { 201: z.string(), 207: z.string() },
});
const hello = operation("GET /hello", { id: "hello", permission: "public", answers: { 200: z.string() } });

const clerk = {
  token_use: "access",
  sub: "c",
  username: "c",
  client_id: "web",
  scope: "orders/write",
  "cognito:groups": "[clerks]",
};
const person = { ...clerk, "cognito:groups": "[guests]" };

let written: string[];
beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  for (const level of ["info", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

const NOW = Date.parse("2026-11-23T09:30:00.000Z");
const handle = vi.fn(async (): Promise<{ status: 201 | 207; body: string; units?: number }> => {
  return { status: 201, body: "placed" };
});
async function call(body: unknown, as = clerk, count: Count = async () => "counted") {
  const limits = { quotas: { user: { requestsPerMinute: 5 } }, count };
  const handler = serveWith(
    { now: () => NOW, secrets: [], limits, namespace: "Shop/prod" },
    implement(place, handle),
    implement(hello, () => ({ status: 200, body: "Hello" })),
  );
  const event = body === "hello" ? routeEvent("GET /hello", {}) : routeEvent("POST /orders", { as, body });
  const { statusCode } = await handler(event, lambdaContext);
  return statusCode;
}

/** Metrics with their dimensions and value, as CloudWatch extracts them from a document. */
function extracted() {
  return written.flatMap((line) => {
    const { _aws, ...root } = JSON.parse(line);
    return Document.parse(_aws).CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Dimensions.flatMap((set) =>
        Metrics.map(({ Name }) => [Name, ...set.map((key) => z.string().parse(root[key])), z.int().parse(root[Name])]),
      ),
    );
  });
}

// The JSON schema of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const name = z.string().check(z.minLength(1), z.maxLength(255));
const Document = z.strictObject({
  Timestamp: z.int(),
  CloudWatchMetrics: z.array(
    z.strictObject({
      Namespace: name,
      Dimensions: z.array(z.array(name).check(z.maxLength(30))).check(z.minLength(1)),
      Metrics: z.array(z.strictObject({ Name: name, Unit: z.literal("Count") })).check(z.maxLength(100)),
    }),
  ),
});

describe("the metrics of a request", () => {
  it("are one line in the Embedded Metric Format, with nothing before the document", async () => {
    expect(await call(["a", "b", "c"])).toBe(201);
    expect(written).toEqual([expect.stringMatching(/^\{[^\n]+\}\n$/)]);
    expect(JSON.parse(written[0] ?? "")).toEqual({
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [
          {
            Namespace: "Shop/prod",
            Dimensions: [["Operation"]],
            Metrics: [{ Name: "UnitsRecorded", Unit: "Count" }],
          },
        ],
      },
      Operation: "placeOrders",
      UnitsRecorded: 3,
    });
  });

  it.each<[string, Parameters<typeof call>, number, unknown[]]>([
    ["that is served and records nothing", ["hello"], 200, []],
    ["whose input is not valid", [["a", 1]], 400, []],
    [
      "of a caller who may not use the operation",
      [["a"], person],
      403,
      [
        ["Denied", "placeOrders", 1],
        ["Denied", 1],
      ],
    ],
    ["over its quota", [["a"], clerk, async () => "full"], 429, [["QuotaRefused", "placeOrders", 1]]],
    [
      "whose quota cannot be counted",
      [["a"], clerk, () => Promise.reject(new Error("connect ECONNREFUSED"))],
      201,
      [
        ["QuotaError", 1],
        ["UnitsRecorded", "placeOrders", 1],
      ],
    ],
  ])("%s", async (_title, request, status, metrics) => {
    expect(await call(...request)).toBe(status);
    expect(extracted()).toEqual(metrics);
  });

  it("that records only some of its units", async () => {
    handle.mockResolvedValueOnce({ status: 207, body: "some", units: 2 });
    expect(await call(["a", "b", "c"])).toBe(207);
    expect(extracted()).toEqual([
      ["UnitsRecorded", "placeOrders", 2],
      ["UnitsFailed", "placeOrders", 1],
    ]);
  });

  it("that fails, or that another service has no time for", async () => {
    handle.mockRejectedValueOnce(new AppError("unavailable", "store.unavailable", "Try again."));
    expect(await call(["a"])).toBe(503);
    handle.mockRejectedValueOnce(new AppError("limit", "store.busy", "Try again."));
    expect(await call(["a"])).toBe(429);
    expect(extracted()).toEqual([["Failed", "placeOrders", 1]]);
  });

  it("are not written without a namespace", async () => {
    const handler = serveWith({ secrets: [], limits: undefined }, implement(place, handle));
    await handler(routeEvent("POST /orders", { as: clerk, body: ["a"] }), lambdaContext);
    expect(written).toEqual([]);
  });
});

it("have a total only where an alarm needs it", () => {
  const totals = Object.entries(REQUEST_METRICS).filter(([, sets]) =>
    sets.some((set: readonly string[]) => set.length === 0),
  );
  expect(totals.map(([name]) => name)).toEqual(["Denied", "QuotaError"]);
});
