import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";

/**
 * Folder with the deployment graphs, OpenAPI document and promises of an app with tables, routes
 * and an edge. It is a copy of this app. Tests of tools use it, so that changes of the app do not
 * break them.
 */
export const RECORDED = fileURLToPath(new URL("../recorded", import.meta.url));

/** Names in the recorded graphs. */
export const APP = { name: "secure-backend", prefix: "SecureBackend", region: "eu-west-1" } as const;

/** Does the same as infra/components/prefix.ts. */
export function withPrefix(name: string): string {
  return name.startsWith(APP.prefix) ? name : `${APP.prefix}${name}`;
}

export function recordedGraph(stage: string): Graph {
  return loadGraph(path.join(RECORDED, `${stage}.json`));
}
