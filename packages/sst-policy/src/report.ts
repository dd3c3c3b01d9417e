import { createHash } from "node:crypto";

import type { Graph } from "@backend/sst-graph/graph";
import { write } from "@backend/sst-graph/write";
import type { Judged, Verdict } from "./judge";

/** A graph, the file that it was read from, relative to the project, and what the rules say of it. */
export interface Judgement {
  graph: Graph;
  file: string;
  verdict: Verdict;
}

/** A finding's place: the line in the graph's file on which its resource begins, and the resource's name; `stage` for none. */
export interface Place {
  line: number;
  name: string;
}

/** Places of a graph's findings. The graph knows no lines of sst.config.ts: its own file is what a pull request shows. */
export function placesOf(graph: Graph): (finding: Judged) => Place {
  const names = new Map(graph.resources.map(({ urn, name }) => [urn, name]));
  const lines = new Map<string, number>();
  const resources = write(graph).split("\n");
  const start = resources.indexOf('  "resources": [');
  for (const [index, text] of resources.entries()) {
    const [, urn] = /^ {6}"urn": "(.+)",?$/.exec(text) ?? [];
    if (index > start && urn !== undefined) lines.set(JSON.parse(`"${urn}"`) as string, index + 1);
  }
  return ({ urn }) => ({ line: lines.get(urn) ?? 1, name: names.get(urn) ?? urn });
}

/**
 * Names the same finding in two runs, whatever moved around it: made of rule, resource and property, and for the second one of
 * the same property its number.
 */
export function fingerprints(): (finding: Judged) => string {
  const seen = new Map<string, number>();
  return ({ rule, urn, path }) => {
    const digest = createHash("sha256")
      .update(JSON.stringify([rule.id, urn, path]))
      .digest("hex")
      .slice(0, 16);
    const count = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, count);
    return `${digest}:${count}`;
  };
}
