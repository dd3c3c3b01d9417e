import type { Graph, Resource, Value } from "@backend/sst-graph/graph";
import { ACCOUNT_ID } from "@backend/sst-graph/names";
import {
  isAsset,
  isJsonText,
  isObject,
  isReference,
  isSecret,
  splitPieces,
  unescapeMarker,
} from "@backend/sst-graph/reference";
import type { Finding } from "./finding";
import type { Promises } from "./promises";

/**
 * The part of a graph that is judged. A Pulumi policy pack makes one of what the deployment engine
 * tells it, which is neither
 * what a removal keeps nor, always, the tags.
 */
export interface PolicyGraph
  extends Pick<Graph, "app" | "stage" | "region" | "resources">,
    Partial<Pick<Graph, "removal" | "protect" | "tags">> {
  /** Number of the AWS account; absent from a file of `pnpm synth`, undefined where the engine does not know it yet. */
  account?: string | undefined;
}

/** In place of a value that only a deployment will tell: `{"unknown": "<why>"}`. */
export const isUnknown = (value: Value): value is { unknown: string } =>
  isObject(value) && Object.keys(value).length === 1 && typeof value.unknown === "string";

/** What can be told of a property. */
export type Seen = { is: "known"; value: Value } | { is: "absent" } | { is: "unknown"; why: string };

/** A graph, with the questions that rules ask of it. */
export interface View {
  graph: PolicyGraph;
  /**
   * Evidence is kept and people are real: a stage for production, and any that keeps what it holds
   * when it is removed.
   */
  strict: boolean;
  promises: Promises;
  /** Number of the AWS account; undefined where it is not known yet. */
  account: string | undefined;
  all: (...types: string[]) => Resource[];
  get: (urn: string) => Resource | undefined;
  /** The property of a resource's inputs, such as `loggingConfig.logFormat` or `scopes.0`, references followed. */
  read: (resource: Resource, path: string) => Seen;
}

export function viewOf(graph: PolicyGraph, promises: Promises = {}): View {
  const byUrn = new Map(graph.resources.map((resource) => [resource.urn, resource]));
  const byType = new Map<string, Resource[]>();
  for (const resource of graph.resources) byType.set(resource.type, [...(byType.get(resource.type) ?? []), resource]);
  const get = (urn: string) => byUrn.get(urn);
  return {
    graph,
    strict: isProduction(graph.stage) || (graph.removal ?? "remove") !== "remove",
    promises,
    account: "account" in graph ? graph.account : ACCOUNT_ID,
    all: (...types) => types.flatMap((type) => byType.get(type) ?? []),
    get,
    read: (resource, path) => walk(resource.inputs, keysOf(path), get),
  };
}

/** True for the names that SST's documentation and this repository give the stage that serves people. */
export const isProduction = (stage: string): boolean => ["prod", "production", "live"].includes(stage);

/** The value as it stands in the graph, references not followed. */
export function raw(resource: Resource, path: string): Value | undefined {
  return keysOf(path).reduce<Value | undefined>((value, key) => childOf(value, key), resource.inputs);
}

/** Elements of a list property as they stand in the graph; none where it is no list. */
export function rawList(resource: Resource, path: string): Value[] {
  const value = raw(resource, path);
  return Array.isArray(value) ? value : [];
}

/** A string or a reference as one text, in which references are `${<urn>#<output>}`; undefined for anything else. */
export function written(value: Value | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (value === undefined || value === null || !isObject(value)) return undefined;
  if (isReference(value)) return `\${${value.ref}}`;
  if (isSecret(value)) return `\${secret:${value.secret}}`;
  return isUnknown(value) ? UNKNOWN_TEXT : undefined;
}
export const UNKNOWN_TEXT = "${unknown}";
export const isUnknownText = (text: string): boolean => text.includes(UNKNOWN_TEXT) || text.includes("${secret:");

/** Text of an output of a resource, as `written` has it. */
export const outputText = (resource: Resource, output: string): string => `\${${resource.urn}#${output}}`;

/** The resource that a value is an output of, and which; undefined where it is a text of its own. */
export function targetOf(view: View, value: Value | undefined): { resource: Resource; output: string } | undefined {
  if (value === undefined || value === null || !isObject(value) || !isReference(value)) return undefined;
  const at = value.ref.lastIndexOf("#");
  const resource = view.get(value.ref.slice(0, at));
  return resource && { resource, output: value.ref.slice(at + 1) };
}

/**
 * A finding unless the property passes the test; unknown where it cannot be told. `test` gets
 * undefined for what is absent.
 */
export function expectThat(
  view: View,
  resource: Resource,
  path: string,
  test: (value: Value | undefined) => boolean,
  message: string,
): Finding[] {
  const seen = view.read(resource, path);
  if (seen.is === "unknown") return [unknown(resource, path, `${message}: ${seen.why}`)];
  return test(seen.is === "known" ? seen.value : undefined) ? [] : [found(resource, path, message)];
}

/** A finding unless the property is an output of a resource of one of the types. */
export function expectTarget(
  view: View,
  resource: Resource,
  path: string,
  types: string[],
  message: string,
  test: (target: Resource, output: string) => boolean = () => true,
): Finding[] {
  const value = raw(resource, path);
  if (value !== undefined && (written(value) === undefined ? false : isUnknownText(written(value) ?? "")))
    return [unknown(resource, path, `${message}: it is known after the deployment alone`)];
  const target = targetOf(view, value);
  const fits = target !== undefined && types.includes(target.resource.type) && test(target.resource, target.output);
  return fits ? [] : [found(resource, path, message)];
}

/** A finding unless the resource outlives its stage; unknown where the deployment engine does not tell. */
export function expectKept(view: View, resource: Resource, what: string): Finding[] {
  const message = `expected ${what} to be kept on removal`;
  if (view.graph.removal === undefined) return [unknown(resource, "@retainOnDelete", message)];
  return resource.retainOnDelete === true ? [] : [found(resource, "@retainOnDelete", message)];
}

export function found(resource: Resource | string, path: string, message: string): Finding {
  const urn = typeof resource === "string" ? resource : resource.urn;
  return {
    urn,
    path: typeof resource === "string" || path.startsWith("@") ? path.replace("@", "") : `inputs.${path}`,
    message,
  };
}

export function unknown(resource: Resource | string, path: string, message: string): Finding {
  return { ...found(resource, path, message), unknown: true };
}

const paths = new Map<string, string[]>();

/** Rules ask for the same few paths of every resource. */
function keysOf(path: string): string[] {
  const keys = paths.get(path) ?? path.split(".");
  paths.set(path, keys);
  return keys;
}

/** Keys and values of an object of the user's own; none for anything else. */
export function entriesOf(value: Value | undefined): [string, Value][] {
  if (value === undefined || value === null || !isObject(value)) return [];
  if (isJsonText(value)) return entriesOf(value.json);
  return isReference(value) || isSecret(value) || isAsset(value) || isUnknown(value)
    ? []
    : Object.entries(unescapeMarker(value));
}

/** Elements of a list; none for anything else. */
export const itemsOf = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

function childOf(value: Value | undefined, key: string): Value | undefined {
  if (Array.isArray(value)) return value[Number(key)];
  if (value === undefined || value === null || !isObject(value)) return undefined;
  if (isJsonText(value)) return childOf(value.json, key);
  const entries = unescapeMarker(value);
  return Object.hasOwn(entries, key) ? entries[key] : undefined;
}

type Get = (urn: string) => Resource | undefined;

function walk(inputs: Resource["inputs"], keys: string[], get: Get): Seen {
  let seen: Seen = { is: "known", value: inputs };
  for (const key of keys) {
    if (seen.is !== "known") return seen;
    const child = childOf(seen.value, key);
    seen = child === undefined || child === null ? { is: "absent" } : concrete(child, get);
  }
  return seen;
}

function concrete(value: Value, get: Get): Seen {
  if (typeof value === "string") return text(value, get);
  if (value === null || !isObject(value)) return { is: "known", value };
  if (isReference(value)) return output(value.ref, get);
  if (isSecret(value)) return { is: "unknown", why: `it is the secret ${value.secret}` };
  if (isUnknown(value)) return { is: "unknown", why: value.unknown };
  if (isJsonText(value)) return { is: "known", value: value.json };
  return { is: "known", value: isAsset(value) ? value.asset : value };
}

/** An output that is an input under the same name is known; what AWS makes up is not. */
function output(name: string, get: Get): Seen {
  const at = name.lastIndexOf("#");
  const input = get(name.slice(0, at))?.inputs[name.slice(at + 1)];
  if (input === undefined || input === null)
    return { is: "unknown", why: `${name} is known after the deployment alone` };
  return concrete(input, get);
}

function text(value: string, get: Get): Seen {
  if (!value.includes("${")) return { is: "known", value };
  let whole = "";
  for (const piece of splitPieces(value)) {
    const part: Seen =
      "text" in piece
        ? { is: "known", value: piece.text }
        : "ref" in piece
          ? output(piece.ref, get)
          : { is: "unknown", why: `it holds the secret ${piece.secret}` };
    if (part.is !== "known") return part;
    whole += String(part.value);
  }
  return { is: "known", value: whole };
}
