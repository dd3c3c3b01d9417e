import type { Graph } from "@secure-backend/graph/graph";
import { findingsIn, judge } from "@secure-backend/graph/policy/judge";
import { PROMISES } from "@secure-backend/graph/policy/promises";
import { WAIVERS } from "@secure-backend/graph/policy/waivers";

import type { GraphBackend } from "../backend";
import { gapsOf } from "../coverage";

interface Finding {
  rule: string;
  /** Name of the resource. */
  resource: string;
  message: string;
}

/**
 * The deployment graph, as the console shows it: what there would be in AWS, what of it is simulated here, and which rules it breaks.
 *
 * @param today on which waivers are judged, such as `2026-11-23`
 */
export function graphView({ graph, declared }: Pick<GraphBackend, "graph" | "declared">, today: string) {
  const { app, stage, region } = graph;
  const resources = graph.resources.map((resource) => {
    const { urn, type, name, parent } = resource;
    // Without its inputs, what is missing is the whole of it.
    const missing = gapsOf({ ...graph, resources: [{ ...resource, inputs: {} }] });
    return { urn, type, name, parent: parent ?? null, simulated: missing.length === 0 };
  });
  const gaps = gapsOf(graph).map(({ what, why }) => ({ what, why }));
  return { app, stage, region, resources, gaps, policy: findingsOf(declared, today) };
}

/** What `pnpm policy` would find. */
function findingsOf(graph: Graph, today: string): Finding[] {
  const waivers = graph.app === PROMISES.app ? WAIVERS : [];
  const names = new Map(graph.resources.map(({ urn, name }) => [urn, name]));
  return judge(graph, findingsIn(graph, PROMISES), waivers, today).findings.map(({ rule, urn, message }) => ({
    rule: `${rule.severity}: ${rule.title}`,
    resource: names.get(urn) ?? urn,
    message,
  }));
}
