import type { Graph } from "@backend/sst-graph/graph";

/** Returns the rows of all graphs, sorted, without duplicates. A last cell has the stages. */
export function rowsByStage(graphs: Graph[], rowsOf: (graph: Graph) => string[][]): string[][] {
  const stagesOf = new Map<string, string[]>();
  for (const graph of graphs) {
    for (const row of rowsOf(graph)) {
      const key = JSON.stringify(row);
      stagesOf.set(key, [...(stagesOf.get(key) ?? []), graph.stage]);
    }
  }
  return [...stagesOf]
    .sort(([a], [b]) => (withoutBackquotes(a) < withoutBackquotes(b) ? -1 : 1))
    .map(([key, stages]) => [...JSON.parse(key), stages.length === graphs.length ? "all" : stages.join(", ")]);
}

/** Returns a row's key for sorting: `GET /orders` comes before `GET /orders/{id}`. */
function withoutBackquotes(key: string): string {
  return key.replaceAll("`", "");
}
