import { createHash } from "node:crypto";

import type { Graph } from "@backend/sst-graph/graph";
import { write } from "@backend/sst-graph/write";
import type { Judged, Verdict } from "./judge";

/** The verdict on a graph, with the file of the graph, relative to the project. */
export interface Judgement {
  graph: Graph;
  file: string;
  verdict: Verdict;
}

/**
 * Location of a finding: the line in the graph's file on which its resource begins, and the name of
 * the resource, or `stage` for a finding without a resource.
 */
export interface Location {
  line: number;
  name: string;
}

/**
 * Returns a function that locates findings in the graph's file. A graph contains no line numbers of
 * sst.config.ts, and pull requests show the graph's file.
 */
export function createLocator(graph: Graph): (finding: Judged) => Location {
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
 * Returns a function that gives a finding the same fingerprint in every run, wherever it is in the
 * file. It depends on rule, resource and property, and numbers several findings of one property.
 */
export function createFingerprinter(): (finding: Judged) => string {
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
