import type { Graph } from "@backend/sst-graph/graph";

import { findingsIn, type Judged } from "../src/judge";
import type { Promises } from "../src/promises";
import { mutantsOf } from "./mutants";
import { findExcuse } from "./survivors";

/** Result of running the rules on all mutants of a graph. */
export interface Outcome {
  /** Number of mutants. */
  all: number;
  /** Mutants that survive without an excuse. */
  missed: string[];
  /** Number of mutants that each excuse covers. */
  excused: [reason: string, mutants: number][];
  /** Ids of the rules that found a mutant. */
  rules: string[];
}

export function tryMutants(graph: Graph, promises: Promises): Outcome {
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
    const reason = findExcuse(mutant)?.reason;
    if (reason === undefined) missed.push(`${mutant.where} of ${mutant.name}: ${mutant.how}`);
    else excused.set(reason, (excused.get(reason) ?? 0) + 1);
  }
  return { all, missed, excused: [...excused], rules: [...rules] };
}

function keyOf({ rule, urn, path, message }: Judged): string {
  return JSON.stringify([rule.id, urn, path, message]);
}
