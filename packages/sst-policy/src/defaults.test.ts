import type { Graph } from "@backend/sst-graph/graph";
import { synthesisedFixture } from "@backend/testing/synthesised";
import { beforeAll, describe, expect, it } from "vitest";
import { findingsIn } from "./judge";

describe("the same API with SST's own defaults", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synthesisedFixture("plain-api", "prod");
  });

  it("has findings on access, limits, logs and alarms", () => {
    const findings = findingsIn(graph, {});
    const counts: Record<string, number> = {};
    for (const { rule } of findings) counts[rule.id] = (counts[rule.id] ?? 0) + 1;
    expect(counts).toEqual({
      ...{ "route-has-authorizer": 1, "cors-closed": 4, "pages-known": 1, "stage-throttle": 2 },
      ...{ "access-log-format": 13, "access-log-fields": 14, "access-log-named": 1, "stage-named": 1 },
      ...{ "access-log-retention": 1, "log-group-year": 1, "access-log-kept": 1, "stage-protected": 2 },
      ...{ "permission-exact": 1, "route-has-permission": 1 },
      ...{ "trust-lambda-alone": 1, "trust-not-everyone": 1, "own-log-group-only": 3, "lambda-no-link-key": 2 },
      ...{ "lambda-arm64": 1, "lambda-logs": 1 },
      ...{ "function-has-alarms": 2, "api-has-alarms": 3, "refusals-counted": 3 },
    });
    expect(findings.filter(({ unknown }) => unknown)).toEqual([]);
  });

  // .sst/platform/src/components/aws/apigatewayv2.ts, accessLogSettings: quotes within the values,
  // and JSON.stringify around.
  it("has an access log with 11 values quoted twice, and 2 numbers quoted once", () => {
    const findings = findingsIn(graph, {});
    const messages = findings.filter(({ rule }) => rule.id === "access-log-format").map(({ message }) => message);
    expect(messages.filter((message) => message.endsWith("is not one variable in one pair of quotes"))).toHaveLength(
      11,
    );
    expect(messages.filter((message) => message.endsWith("is a number: do not quote it"))).toHaveLength(2);
  });
});
