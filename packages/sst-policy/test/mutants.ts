import type { Graph, Resource, Value } from "@backend/sst-graph/graph";
import { isJsonText, isObject, isReference } from "@backend/sst-graph/reference";

/** A graph with one change that may break a rule. */
export interface Mutant {
  /**
   * Type and path of the change, with `*` for list indexes: `aws:lambda/function:Function
   * inputs.runtime`.
   */
  where: string;
  /** The kind of change: `deleted`, `flipped`, `emptied` and so on. */
  how: string;
  /** Name of the resource, or `stage`. */
  name: string;
  graph: Graph;
}

/** Generates every mutant of a graph. A mutant shares all unchanged values with the graph. */
export function* mutantsOf(graph: Graph): Generator<Mutant> {
  for (const key of ["removal", "protect", "region", "app", "stage"] as const)
    for (const [how, value] of changesOf(graph[key], graph, key))
      yield { where: `stage ${key}`, how, name: "stage", graph: { ...graph, [key]: value } };
  for (const [path, how, tags] of mutateWithin(graph.tags, graph, "tags"))
    yield { where: `stage ${path}`, how, name: "stage", graph: { ...graph, tags: tags as Graph["tags"] } };
  for (const [at, resource] of graph.resources.entries()) yield* mutateResource(graph, resource, at);
}

function* mutateResource(graph: Graph, resource: Resource, at: number): Generator<Mutant> {
  const mutant = (path: string, how: string, changed: Resource[]): Mutant => ({
    where: `${resource.type} ${path}`,
    how,
    name: resource.name,
    graph: { ...graph, resources: graph.resources.toSpliced(at, 1, ...changed) },
  });
  yield mutant("", "removed", []);
  for (const [path, how, inputs] of mutateWithin(resource.inputs, graph, "inputs"))
    yield mutant(path, how, [{ ...resource, inputs: inputs as Resource["inputs"] }]);
  for (const key of ["dependsOn", "retainOnDelete", "protect", "ignoreChanges", "provider"] as const) {
    if (resource[key] === undefined) continue;
    const { [key]: _gone, ...rest } = resource;
    yield mutant(key, "deleted", [rest]);
  }
  for (const [index, urn] of (resource.dependsOn ?? []).entries())
    yield mutant("dependsOn", `without ${urn.split("::").at(-1)}`, [
      { ...resource, dependsOn: (resource.dependsOn ?? []).toSpliced(index, 1) },
    ]);
}

/** Generates path, kind and result of every change inside a value. */
function* mutateWithin(value: Value, graph: Graph, path: string): Generator<[string, string, Value]> {
  if (isMarker(value)) return;
  if (value !== null && isObject(value) && isJsonText(value)) {
    for (const [inner, how, json] of mutateWithin(value.json, graph, path)) yield [inner, how, { json }];
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield [`${path}.*`, "deleted", value.toSpliced(index, 1)];
      for (const [how, changed] of changesOf(item, graph, path)) yield [`${path}.*`, how, value.with(index, changed)];
      for (const [inner, how, changed] of mutateWithin(item, graph, `${path}.*`))
        yield [inner, how, value.with(index, changed)];
    }
    return;
  }
  if (value === null || !isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const { [key]: _gone, ...rest } = value;
    const isEmptyList = Array.isArray(item) && item.length === 0;
    yield [`${path}.${key}`, isEmptyList ? "deleted empty list" : "deleted", rest];
    for (const [how, changed] of changesOf(item, graph, key))
      yield [`${path}.${key}`, how, { ...value, [key]: changed }];
    for (const [inner, how, changed] of mutateWithin(item, graph, `${path}.${key}`))
      yield [inner, how, { ...value, [key]: changed }];
  }
}

/** Returns other values for a value, each with the kind of change. */
function changesOf(value: Value, graph: Graph, key: string): [string, Value][] {
  return alternatives(value, graph, key).filter(([, other]) => JSON.stringify(other) !== JSON.stringify(value));
}

function alternatives(value: Value, graph: Graph, key: string): [string, Value][] {
  if (typeof value === "boolean") return [["flipped", !value]];
  if (typeof value === "number") return [0, 1, 1_000_000_000].map((other) => [`set to ${other}`, other]);
  if (typeof value === "string") return strings(value, key);
  if (value === null) return [];
  if (Array.isArray(value)) return value.length === 0 ? [] : [["emptied", []], ...widen(key)];
  if (isReference(value)) return [...swap(value.ref, graph), ...widen(key)];
  return [...widen(key), ...(Object.keys(value).length > 0 && !isMarker(value) && !isJsonText(value) ? emptied : [])];
}

const emptied: [string, Value][] = [["emptied", {}]];

function strings(value: string, key: string): [string, Value][] {
  const enums = ENUMS.find((list) => list.includes(value)) ?? [];
  return [
    ["changed", `${value}-x`],
    ["set to *", "*"],
    ...enums.map((other): [string, Value] => [`set to ${other}`, other]),
    ...widen(key),
  ];
}

/** Values of AWS's enumerations. */
const ENUMS = [
  ["Allow", "Deny"],
  ["NONE", "JWT", "AWS_IAM"],
  ["ON", "OPTIONAL", "OFF"],
  ["ACTIVE", "INACTIVE"],
  ["ENABLED", "DISABLED", "LEGACY"],
  ["OFF", "AUDIT", "ENFORCED"],
  ["JSON", "Text"],
  ["PAY_PER_REQUEST", "PROVISIONED"],
  ["retain", "remove"],
  ["minutes", "hours", "days"],
  ["code", "implicit", "client_credentials"],
  ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
  ["1.0", "2.0"],
  ["HTTP", "WEBSOCKET"],
  ["AWS_PROXY", "HTTP_PROXY"],
  ["arm64", "x86_64"],
  ["nodejs24.x", "nodejs18.x"],
  ["verified_email", "verified_phone_number"],
];

/** Returns the wildcards that a hurried author would write into a policy. */
function widen(key: string): [string, Value][] {
  if (key === "Action")
    return [
      ["widened to *", "*"],
      ["widened to a service", ["dynamodb:*"]],
    ];
  if (key === "Resource" || key === "NotResource") return [["widened to *", ["*"]]];
  if (key === "Principal")
    return [
      ["widened to *", "*"],
      ["widened to an account", { AWS: "arn:aws:iam::000000000000:root" }],
    ];
  return [];
}

/** Returns the same output of another resource of the same type. */
function swap(ref: string, graph: Graph): [string, Value][] {
  const at = ref.lastIndexOf("#");
  const [urn, output] = [ref.slice(0, at), ref.slice(at)];
  const type = graph.resources.find((one) => one.urn === urn)?.type;
  const other = graph.resources.find((one) => one.type === type && one.urn !== urn);
  return other === undefined ? [] : [["swapped", { ref: `${other.urn}${output}` }]];
}

function isMarker(value: Value): boolean {
  return (
    value !== null &&
    isObject(value) &&
    Object.keys(value).length === 1 &&
    ["ref", "secret", "asset"].includes(Object.keys(value)[0] ?? "")
  );
}
