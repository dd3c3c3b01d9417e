import { readFileSync } from "node:fs";

import type { Graph } from "./graph";

/** Reads a graph file. Throws an Error that names the file and what is wrong with it. */
export function loadGraph(file: string): Graph {
  const text = readFileSync(file, "utf8");
  const graph = parse(text, file);
  const missing = FIELDS.find((field) => graph[field] === undefined);
  if (graph.version !== 1) throw new Error(`${file}: expected a deployment graph of version 1, found ${graph.version}`);
  if (missing !== undefined) throw new Error(`${file}: expected a deployment graph, found no "${missing}"`);
  return graph as Graph;
}

const FIELDS = ["app", "stage", "region", "tags", "resources", "functions", "outputs"] as const;

function parse(text: string, file: string): Partial<Graph> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Graph>;
  } catch (error) {
    throw new Error(`${file}: expected a deployment graph, found no JSON (${(error as Error).message})`, {
      cause: error,
    });
  }
}
