import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import { gapsOf } from "../coverage";

interface Finding {
  rule: string;
  /** Name of the resource. */
  resource: string;
  message: string;
}

/** The deployment graph, as the console shows it: what there would be in AWS, and what of it is simulated here. */
export function graphView(graph: ResolvedGraph) {
  const { app, stage, region } = graph;
  const resources = graph.resources.map((resource) => {
    const { urn, type, name, parent } = resource;
    // Without its inputs, what is missing is the whole of it.
    const missing = gapsOf({ ...graph, resources: [{ ...resource, inputs: {} }] });
    return { urn, type, name, parent: parent ?? null, simulated: missing.length === 0 };
  });
  const gaps = gapsOf(graph).map(({ what, why }) => ({ what, why }));
  return { app, stage, region, resources, gaps, policy: findingsOf() };
}

/** What the rules over the graph find: `null` as long as there are none to ask. */
function findingsOf(): Finding[] | null {
  return null;
}
