import type { Graph } from "./graph";
import { readSynthFile, synthFileError } from "./json-file";

const EXPECTED = "a deployment graph";

/** Reads a graph file. Throws an Error that names the file, what is wrong with it and the remedy. */
export function loadGraph(file: string): Graph {
  const graph = readSynthFile(file, EXPECTED);
  const problem = problemOf(graph);
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

function problemOf(graph: unknown): string | undefined {
  if (!isRecord(graph)) return graph === null ? "null" : `JSON that is no object`;
  if (graph.version !== 1) return `version ${JSON.stringify(graph.version) ?? "(none)"} instead of 1`;
  const field = wrongField(graph, FIELDS);
  if (field !== undefined) return field;
  return (
    wrongItem("resources", graph.resources as unknown[], RESOURCE) ??
    wrongItem("functions", graph.functions as unknown[], FUNCTION)
  );
}

function wrongItem(list: string, items: unknown[], checks: Record<string, Check>): string | undefined {
  for (const [index, item] of items.entries()) {
    const wrong = isRecord(item) ? wrongField(item, checks) : "no object";
    if (wrong !== undefined) return `${wrong} in ${list}[${index}]`;
  }
  return undefined;
}

function wrongField(value: Record<string, unknown>, checks: Record<string, Check>): string | undefined {
  const name = Object.keys(checks).find((name) => !checks[name]?.(value[name]));
  if (name === undefined) return undefined;
  return value[name] === undefined ? `no "${name}"` : `a "${name}" of the wrong type`;
}
