import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import type { Resource } from "../graph";
import { loadGraph } from "../load";
import { findingsIn } from "./judge";
import { PROMISES } from "./promises";
import { EXAMPLES, withResources } from "./rule-examples";

const prod = loadGraph(path.join(fileURLToPath(new URL("../../../../infra/graph", import.meta.url)), "prod.json"));

describe.each(EXAMPLES)("$rule: $title", ({ rule, keeps, breaks }) => {
  const findings = (extra: Resource[]) => {
    const urns = extra.map(({ urn }) => urn);
    return findingsIn(withResources(prod, extra), PROMISES).filter(
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
