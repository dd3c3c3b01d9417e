import type { Graph, Value } from "./graph";
import { isJsonText, isObject } from "./reference";

/**
 * The text of a graph file. Keys are in alphabetical order, so that the same infrastructure gives the same bytes; those of
 * a JSON text keep theirs, since `resolve` must give the same text back.
 */
export function write(graph: Graph): string {
  const { resources, functions, outputs, ...head } = graph;
  const sorted = {
    ...head,
    outputs: sort(outputs),
    functions: functions.map((build) => ({ ...build, nodejs: sort(build.nodejs) })),
    resources: resources.map((resource) => ({ ...resource, inputs: sort(resource.inputs) })),
  };
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function sort(value: Value): Value {
  if (Array.isArray(value)) return value.map(sort);
  if (!isObject(value) || isJsonText(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sort(value[key] as Value)]),
  );
}
