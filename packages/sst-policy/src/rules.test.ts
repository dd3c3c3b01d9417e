import type { Resource } from "@backend/sst-graph/graph";
import { recordedGraph } from "@backend/testing/recorded";
import { PROMISES } from "@backend/testing/recorded-promises";
import { describe, expect, it } from "vitest";
import { EXAMPLES, withResources } from "../test/rule-examples";
import { findingsIn } from "./judge";

const promises = PROMISES;
const prod = recordedGraph("prod");

describe.each(EXAMPLES)("$rule: $title", ({ rule, keeps, breaks }) => {
  const findings = (extra: Resource[]) => {
    const urns = extra.map(({ urn }) => urn);
    return findingsIn(withResources(prod, extra), promises).filter(
      (finding) => finding.rule.id === rule && urns.includes(finding.urn),
    );
  };

  it("accepts the first and reports the second", () => {
    expect(findings(keeps)).toEqual([]);
    const found = findings(breaks);
    expect(found).not.toEqual([]);
    expect(found.filter(({ unknown }) => unknown)).toEqual([]);
  });
});
