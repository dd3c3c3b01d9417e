import type { Graph } from "@backend/sst-graph/graph";
import { recordedGraph } from "@backend/testing/recorded";
import { PROMISES } from "@backend/testing/recorded-promises";
import { describe, expect, it } from "vitest";
import { FINE_CHANGES, HURRIED_CHANGES } from "../test/hurried-changes";
import { type Judged, judge } from "./judge";

const prod = recordedGraph("prod");
const keyOf = ({ rule, urn, path, message }: Judged) => JSON.stringify([rule.id, urn, path, message]);
const promises = PROMISES;
const findingsOf = (graph: Graph) => judge(graph, promises, "2026-11-24").findings;
const before = new Set(findingsOf(prod).map(keyOf));

/**
 * Returns the ids of the rules with new findings in a changed prod. Unknown findings do not count.
 */
function rulesThatFind(change: (graph: Graph) => void): string[] {
  const graph = structuredClone(prod);
  change(graph);
  return findingsOf(graph)
    .filter((finding) => !before.has(keyOf(finding)) && !finding.unknown)
    .map(({ rule }) => rule.id);
}

describe("a hurried change", () => {
  it.each(HURRIED_CHANGES.filter(({ rule }) => rule !== undefined))("$about: $what: $rule", ({ change, rule }) => {
    expect(rulesThatFind(change)).toContain(rule);
  });

  it.each(HURRIED_CHANGES.filter(({ rule }) => rule === undefined))("$about: $what: nothing", ({ change, why }) => {
    expect(why).toMatch(/\w{3}/);
    expect(rulesThatFind(change)).toEqual([]);
  });

  it.each(FINE_CHANGES)("does not include the harmless change: %s", (_what, change) => {
    expect(rulesThatFind(change)).toEqual([]);
  });
});
