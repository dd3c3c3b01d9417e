import path from "node:path";

import { loadGraph } from "@backend/sst-graph/load";
import { REPOSITORY } from "@backend/sst-graph/repository";
import { cached } from "@backend/testing/cached";
import { RECORDED } from "@backend/testing/recorded";
import { PROMISES } from "@backend/testing/recorded-promises";
import { beforeAll, describe, expect, it } from "vitest";

import { HURRIED_CHANGES } from "../test/hurried-changes";
import { EXAMPLES } from "../test/rule-examples";
import { REASONS } from "../test/survivors";
import { type Outcome, tryMutants } from "../test/try-mutants";
import type { Promises } from "./promises";
import { RULES } from "./rules";

const GRAPH = path.join(RECORDED, "prod.json");

describe("the mutants of prod's graph", () => {
  let outcome: Outcome;
  beforeAll(async () => {
    // Takes about 20 s. The result depends on the graph, the rules and the promises.
    const promises: Promises = PROMISES;
    const sources = ["sst-policy/src", "sst-policy/test", "sst-graph/src"].map((folder) =>
      path.join(REPOSITORY, "packages", folder),
    );
    const inputs = [GRAPH, ...sources, JSON.stringify(promises), JSON.stringify(promises.origins?.("prod"))];
    outcome = await cached("mutants", inputs, async () => tryMutants(loadGraph(GRAPH), promises));
  }, 300_000);

  it("are found by a rule, or have an excuse with a reason", () => {
    expect(outcome.all).toBeGreaterThan(4000);
    expect(outcome.missed).toEqual([]);
  });

  it("need every excuse", () => {
    const used = outcome.excused.map(([reason]) => reason);
    expect(REASONS.filter((reason) => !used.includes(reason))).toEqual([]);
  });

  it("break every rule that has no examples", () => {
    const examples = new Set([...EXAMPLES, ...HURRIED_CHANGES].map(({ rule }) => rule));
    expect(RULES.map(({ id }) => id).filter((id) => !outcome.rules.includes(id) && !examples.has(id))).toEqual([]);
  });
});
