import { describe, expect, it } from "vitest";

import { stagePolicy, tagsOf } from "./stage";

describe("the table of stages", () => {
  it.each(["ada", "pr-17", "constructor", "toString", "__proto__"])(
    "gives dev's row to the personal stage %s",
    (stage) => {
      expect(stagePolicy(stage)).toBe(stagePolicy("dev"));
    },
  );

  // Security Hub, CloudWatch.16: log groups should be retained for at least one year.
  it("keeps prod's access log for a year, and protects it", () => {
    expect(stagePolicy("prod")).toMatchObject({
      accessLogRetention: "1 year",
      protect: true,
      removal: "retain",
      keepEvidence: true,
    });
  });

  it.each(["dev", "test", "prod"])("limits %s by rate and burst both", (stage) => {
    const { rateLimit, burstLimit } = stagePolicy(stage).throttle;
    expect(rateLimit).toBeGreaterThan(0);
    expect(burstLimit).toBeGreaterThanOrEqual(rateLimit);
  });
});

it("every resource is tagged with app, stage, owner, cost center and repository", () => {
  expect(Object.keys(tagsOf("secure-backend", "dev"))).toEqual(["app", "stage", "owner", "cost-center", "repository"]);
});
