import path from "node:path";
import { loadGraph } from "@backend/sst-graph/load";
import { REPOSITORY } from "@backend/sst-graph/repository";
import { findingsIn, judge } from "@backend/sst-policy/judge";
import { describe, expect, it } from "vitest";
import { STAGE_NAMES } from "../stage";
import { PROMISES } from "./policy";

describe.each(STAGE_NAMES)("the committed graph of %s", (stage) => {
  const graph = loadGraph(path.join(REPOSITORY, "infra/graph", `${stage}.json`));

  it("has no finding that nobody has accepted, and no waiver too many", () => {
    const { findings } = judge(graph, PROMISES, "2026-11-24");
    expect(findings.map(({ rule, urn, message }) => [rule.id, urn, message])).toEqual([]);
  });

  it("leaves nothing that cannot be told", () => {
    expect(findingsIn(graph, PROMISES).filter(({ unknown }) => unknown)).toEqual([]);
  });
});
