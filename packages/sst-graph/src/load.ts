import type { Graph } from "./graph";
import { readSynthFile, synthFileError } from "./json-file";

const EXPECTED = "a deployment graph";

/** Reads a graph file. Throws an Error that names the file, the problem and the fix. */
export function loadGraph(file: string): Graph {
  const graph = readSynthFile(file, EXPECTED);
  const problem = findProblem(graph);
  if (problem !== undefined) throw synthFileError(file, EXPECTED, problem);
  return graph as Graph;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const FIELDS: Record<string, Check> = {
  app: isText,
  stage: isText,
  region: isText,
  tags: isRecord,
  resources: Array.isArray,
  functions: Array.isArray,
  outputs: isRecord,
};
const RESOURCE: Record<string, Check> = { urn: isText, type: isText, name: isText, inputs: isRecord };
const FUNCTION: Record<string, Check> = {
  ...{ name: isText, urn: isText, handler: isText, runtime: isText, architecture: isText, nodejs: isRecord },
};

function findProblem(graph: unknown): string | undefined {
  if (!isRecord(graph)) return graph === null ? "null" : "JSON that is not an object";
  if (graph.version !== 1) return `version ${JSON.stringify(graph.version) ?? "(none)"} instead of 1`;
  const field = findWrongField(graph, FIELDS);
  if (field !== undefined) return field;
  return (
    findWrongItem("resources", graph.resources as unknown[], RESOURCE) ??
    findWrongItem("functions", graph.functions as unknown[], FUNCTION)
  );
}

function findWrongItem(list: string, items: unknown[], checks: Record<string, Check>): string | undefined {
  for (const [index, item] of items.entries()) {
    const wrong = isRecord(item) ? findWrongField(item, checks) : "a value that is not an object";
    if (wrong !== undefined) return `${wrong} in ${list}[${index}]`;
  }
  return undefined;
}

function findWrongField(value: Record<string, unknown>, checks: Record<string, Check>): string | undefined {
  const name = Object.keys(checks).find((name) => !checks[name]?.(value[name]));
  if (name === undefined) return undefined;
  return value[name] === undefined ? `no "${name}"` : `a "${name}" of the wrong type`;
}
