import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";

/**
 * Deployment graphs, OpenAPI document and promises of an app with tables, routes and an edge: this app, on one day.
 * Tests of tools need such an app, and pass whatever becomes of the app around them.
 */
export const RECORDED = fileURLToPath(new URL("../recorded", import.meta.url));

/** Names in the recorded graphs. */
export const APP = { name: "secure-backend", prefix: "SecureBackend", region: "eu-west-1" } as const;

/** As infra/components/prefix.ts does it. */
export function withPrefix(name: string): string {
  return name.startsWith(APP.prefix) ? name : `${APP.prefix}${name}`;
}

export function recordedGraph(stage: string): Graph {
  return loadGraph(path.join(RECORDED, `${stage}.json`));
}
