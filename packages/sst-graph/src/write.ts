import type { Graph, Value } from "./graph";
import { isJsonText, isObject } from "./reference";

/**
 * Returns the text of a graph file. Keys are sorted, so that the same infrastructure gives the same
 * bytes. The keys of JSON texts keep their order, because `resolve` must return the same text.
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
