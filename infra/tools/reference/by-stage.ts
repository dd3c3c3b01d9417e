import type { Graph } from "@backend/sst-graph/graph";

/**
 * Returns the rows of all graphs, each once and sorted, with a last cell that names the stages that have
 * it.
 */
export function rowsByStage(graphs: Graph[], rowsOf: (graph: Graph) => string[][]): string[][] {
  const stagesOf = new Map<string, string[]>();
  for (const graph of graphs) {
    for (const row of rowsOf(graph)) {
      const key = JSON.stringify(row);
      stagesOf.set(key, [...(stagesOf.get(key) ?? []), graph.stage]);
    }
  }
  return [...stagesOf]
    .sort(([a], [b]) => (plain(a) < plain(b) ? -1 : 1))
    .map(([key, stages]) => [...JSON.parse(key), stages.length === graphs.length ? "all" : stages.join(", ")]);
}

/** A key without the backquotes of its cells, so that `GET /events` sorts before `GET /events/{id}`. */
function plain(key: string): string {
  return key.replaceAll("`", "");
}
