import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadGraph } from "@backend/sst-graph/load";
import { cached } from "@backend/testing/cached";
import { beforeAll, describe, expect, it } from "vitest";
import { HURRIED_CHANGES } from "../test/hurried-changes";
import { EXAMPLES } from "../test/rule-examples";
import { excuseOf, REASONS } from "../test/survivors";
import { findingsIn, type Judged } from "./judge";
import { loadPromises } from "./load-promises";
import { mutantsOf } from "./mutants";
import type { Promises } from "./promises";
import { RULES } from "./rules";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const GRAPH = path.join(REPOSITORY, "infra/graph/prod.json");
const keyOf = ({ rule, urn, path, message }: Judged) => JSON.stringify([rule.id, urn, path, message]);

interface Outcome {
  all: number;
  missed: string[];
  /** Mutants that survive, by the reason that excuses them. */
  excused: [reason: string, mutants: number][];
  /** Ids of the rules that have found a mutant. */
  rules: string[];
}

function tryMutants(promises: Promises): Outcome {
  const graph = loadGraph(GRAPH);
  const before = new Set(findingsIn(graph, promises).map(keyOf));
  let all = 0;
  const missed: string[] = [];
  const excused = new Map<string, number>();
  const rules = new Set<string>();
  for (const mutant of mutantsOf(graph)) {
    all++;
    const fresh = findingsIn(mutant.graph, promises).filter((finding) => !before.has(keyOf(finding)));
    for (const { rule } of fresh) rules.add(rule.id);
    if (fresh.length > 0) continue;
    const reason = excuseOf(mutant)?.reason;
    if (reason === undefined) missed.push(`${mutant.where} of ${mutant.name}: ${mutant.how}`);
    else excused.set(reason, (excused.get(reason) ?? 0) + 1);
  }
  return { all, missed, excused: [...excused], rules: [...rules] };
}

describe("every mutant of prod's graph", () => {
  let outcome: Outcome;
  beforeAll(async () => {
    // Takes about 20 s, and depends only on the graph, on the code of this package and on the promises.
    const promises = await loadPromises(REPOSITORY);
    const sources = ["packages/sst-graph/src", "packages/sst-graph/test"].map((folder) =>
      path.join(REPOSITORY, folder),
    );
    const inputs = [GRAPH, ...sources, JSON.stringify(promises), JSON.stringify(promises.origins?.("prod"))];
    outcome = await cached("mutants", inputs, async () => tryMutants(promises));
  }, 300_000);

  it("is found by a rule, or excused for a reason", () => {
    expect(outcome.all).toBeGreaterThan(4000);
    expect(outcome.missed).toEqual([]);
  });

  it("is excused by a reason that is still needed", () => {
    const used = outcome.excused.map(([reason]) => reason);
    expect(REASONS.filter((reason) => !used.includes(reason))).toEqual([]);
  });

  it("together break every rule but those that have examples of their own", () => {
    const examples = new Set([...EXAMPLES, ...HURRIED_CHANGES].map(({ rule }) => rule));
    expect(RULES.map(({ id }) => id).filter((id) => !outcome.rules.includes(id) && !examples.has(id))).toEqual([]);
  });

  it("are counted in docs/policy-survivors.md (if infrastructure changed: run this test with -u)", async () => {
    const { all, excused } = outcome;
    const survivors = excused.reduce((sum, [, count]) => sum + count, 0);
    const rows = excused.toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const text = [
      "# Mutants that survive",
      "",
      "Written by `packages/sst-policy/src/mutants.test.ts`; what it is about stands in [policy.md](policy.md).",
      "",
      `Of ${all} mutants of prod's graph ${all - survivors} are found and ${survivors} survive:`,
      "",
      "| mutants | why no rule has to find them |",
      "| --: | --- |",
      ...rows.map(([reason, count]) => `| ${count} | ${reason} |`),
      "",
    ].join("\n");
    await expect(text).toMatchFileSnapshot(path.join(REPOSITORY, "docs/policy-survivors.md"));
  });
});
