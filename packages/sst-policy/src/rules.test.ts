import path from "node:path";
import type { Resource } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { REPOSITORY } from "@backend/sst-graph/repository";
import { describe, expect, it } from "vitest";
import { EXAMPLES, withResources } from "../test/rule-examples";
import { findingsIn } from "./judge";
import { loadPromises } from "./load-promises";

const promises = await loadPromises(REPOSITORY);
const prod = loadGraph(path.join(REPOSITORY, "infra/graph/prod.json"));

describe.each(EXAMPLES)("$rule: $title", ({ rule, keeps, breaks }) => {
  const findings = (extra: Resource[]) => {
    const urns = extra.map(({ urn }) => urn);
    return findingsIn(withResources(prod, extra), promises).filter(
      (finding) => finding.rule.id === rule && urns.includes(finding.urn),
    );
  };

  it("lets the first pass and finds the second", () => {
    expect(findings(keeps)).toEqual([]);
    const found = findings(breaks);
    expect(found).not.toEqual([]);
    expect(found.filter(({ unknown }) => unknown)).toEqual([]);
  });
});
