import { resolve } from "@backend/sst-graph/resolve";
import { recordedGraph } from "@backend/testing/recorded";
import { describe, expect, it } from "vitest";

import { estimate } from "./estimate";
import type { PRICES } from "./prices";

const recordedOf = (stage: string) => resolve(recordedGraph(stage));

describe("estimate", () => {
  it.each<[string, number, Partial<Record<keyof typeof PRICES, number>>]>([
    // By hand, from the prices and the declared resources. 1,000,000 requests at $1.00. A web ACL
    // at $5 with four rules at $1 and 1,000,000 requests at $0.60. 1,002,000 invocations of 0.03 s
    // and 43,200 of 0.1 s (one per minute) with 0.5 GB are 17,190 GB-s at $0.0000133334. 100,000
    // events of 4 units, 2,000 deliveries of 5 and 43,200 compactions of 2 at $0.625 per million. A
    // dashboard at $3 and two metrics at $0.30.
    [
      "prod",
      1e6,
      {
        httpApi: 1,
        wafAcl: 5,
        wafRule: 4,
        wafRequests: 0.6,
        lambdaTime: 0.2292,
        tableWrite: 0.31025,
        dashboard: 3,
        metric: 0.6,
      },
    ],
    ["dev", 1e8, { httpApi: 100, lambdaRequests: 20.04864, transfer: 13.5, machineClient: 6, machineToken: 1.62 }],
  ])("of %s with %d requests has the expected lines", (stage, requests, expected) => {
    const lines = new Map(estimate(recordedOf(stage), requests).map(({ price, usd }) => [price, usd]));
    for (const [price, usd] of Object.entries(expected)) {
      expect(lines.get(price as keyof typeof PRICES), price).toBeCloseTo(usd, 4);
    }
  });

  it("has no edge if the stage has none", () => {
    const prices = estimate(recordedOf("dev"), 1e6).map(({ price }) => price);
    expect(prices).toEqual(expect.not.arrayContaining(["wafAcl", "cdnRequests"]));
  });
});

it("charges edge functions by request, users by tier, and no machine clients if there are none", () => {
  const lines = new Map(estimate(recordedOf("prod"), 1e8).map(({ price, usd }) => [price, usd]));
  expect(lines.get("cdnFunctions")).toBeCloseTo(10, 4); // 100,000,000 at $0.10 per million
  expect(lines.get("people")).toBeCloseTo(1.5, 4); // 100 people at $0.015
  expect([lines.get("machineClient"), lines.get("machineToken")]).toEqual([undefined, undefined]);
});

it.each([
  ["LITE", "peopleLite", 0.55],
  ["PLUS", "peoplePlus", 2],
])("uses the user pool's tier %s", (userPoolTier, price, usd) => {
  const graph = recordedOf("dev");
  const resources = graph.resources.map((resource) =>
    resource.type === "aws:cognito/userPool:UserPool"
      ? { ...resource, inputs: { ...resource.inputs, userPoolTier } }
      : resource,
  );
  const lines = estimate({ ...graph, resources }, 1e6).filter((line) => line.price.startsWith("people"));
  expect(lines).toEqual([{ price, quantity: 100, usd: expect.closeTo(usd, 4) }]);
});

it("counts no records if the traffic table is the only one", () => {
  const graph = recordedOf("prod");
  const resources = graph.resources.filter(({ name }) => name !== "AuditTable");
  const lines = new Map(estimate({ ...graph, resources }, 1e6).map(({ price, usd }) => [price, usd]));
  // 2,000 deliveries of 5 units and 43,200 compactions of 2 at $0.625 per million.
  expect(lines.get("tableWrite")).toBeCloseTo(0.06025, 5);
  expect(lines.has("tableStorage")).toBe(false);
});

it("pays for the metrics of functions, and for their lines in the log", () => {
  const graph = recordedOf("prod");
  const resources = graph.resources.map((resource) => {
    if (resource.type !== "aws:lambda/function:Function") return resource;
    const { variables } = Object(resource.inputs.environment);
    const environment = { variables: { ...variables, METRICS_NAMESPACE: "Shop/prod" } };
    return { ...resource, inputs: { ...resource.inputs, environment } };
  });
  const costOf = (of: typeof graph, price: string) =>
    estimate(of, 1e6).find((line) => line.price === price)?.usd ?? Number.NaN;
  const added = (price: string) => costOf({ ...graph, resources } as typeof graph, price) - costOf(graph, price);
  expect(added("metric")).toBeCloseTo(0.9, 4); // three at $0.30
  expect(added("logIngestion")).toBeCloseTo(0.012, 4); // 100,000 lines of 240 bytes at $0.50 per GB
});

it("pays a write unit for each counter of a request, and for units of those that record", () => {
  const quotas = {
    tenant: { requestsPerMinute: 10, unitsPerMinute: 10, unitsPerDay: 100 },
    user: { requestsPerDay: 9 },
  };
  const graph = recordedOf("prod");
  const withQuotas = (environment: object) => ({
    variables: { ...Object(environment).variables, QUOTAS: JSON.stringify(quotas) },
  });
  const [table] = graph.resources.filter(({ name }) => name === "AuditTable");
  if (table === undefined) throw new Error("expected a table");
  const resources = graph.resources.map((resource) =>
    resource.type === "aws:lambda/function:Function"
      ? { ...resource, inputs: { ...resource.inputs, environment: withQuotas(Object(resource.inputs.environment)) } }
      : resource,
  );
  const counting = { ...graph, resources: [...resources, { ...table, name: "QuotasTable" }] } as typeof graph;
  const writes = (of: typeof graph) => estimate(of, 1e6).find(({ price }) => price === "tableWrite")?.quantity ?? 0;
  // The tenant's minute and the person's day for each of 1,000,000 requests, the tenant's day for
  // the 100,000 that record.
  expect(writes(counting) - writes(graph)).toBe(2_100_000);
});
