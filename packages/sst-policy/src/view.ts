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
 * The part of a graph that the rules read. A Pulumi policy pack builds one from the data of the
 * deployment engine, which does not show `removal` and `protect`, and not always the tags.
 */
export interface PolicyGraph
  extends Pick<Graph, "app" | "stage" | "region" | "resources">,
    Partial<Pick<Graph, "removal" | "protect" | "tags">> {
  /**
   * AWS account ID. A graph of `pnpm synth` lacks the key; undefined if the engine does not know it
   * yet.
   */
  account?: string | undefined;
}

/**
 * True for the marker of a value that is known only after the deployment: `{"unknown": "<why>"}`.
 */
export const isUnknown = (value: Value): value is { unknown: string } =>
  isObject(value) && Object.keys(value).length === 1 && typeof value.unknown === "string";

/** Result of reading a property. */
export type Seen = { is: "known"; value: Value } | { is: "absent" } | { is: "unknown"; why: string };

/** A graph, with functions that rules use to read it. */
export interface View {
  graph: PolicyGraph;
  /** True for a production stage, and for any stage that retains resources when it is removed. */
  strict: boolean;
  promises: Promises;
  /** AWS account ID; undefined if it is not known yet. */
  account: string | undefined;
  all: (...types: string[]) => Resource[];
  get: (urn: string) => Resource | undefined;
  /** Reads an input, such as `loggingConfig.logFormat` or `scopes.0`, and follows references. */
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

/** True for the names of production stages in SST's documentation and in this repository. */
export const isProduction = (stage: string): boolean => ["prod", "production", "live"].includes(stage);

/** Returns an input as the graph states it, without following references. */
export function inputOf(resource: Resource, path: string): Value | undefined {
  return keysOf(path).reduce<Value | undefined>((value, key) => childOf(value, key), resource.inputs);
}

/**
 * Returns the elements of a list input as the graph states them; an empty list if it is not a list.
 */
export function inputListOf(resource: Resource, path: string): Value[] {
  const value = inputOf(resource, path);
  return Array.isArray(value) ? value : [];
}

/**
 * Returns a string or a reference as text, with references as `${<urn>#<output>}`; else undefined.
 */
export function textOf(value: Value | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (value === undefined || value === null || !isObject(value)) return undefined;
  if (isReference(value)) return `\${${value.ref}}`;
  if (isSecret(value)) return `\${secret:${value.secret}}`;
  return isUnknown(value) ? UNKNOWN_TEXT : undefined;
}
export const UNKNOWN_TEXT = "${unknown}";
export const isUnknownText = (text: string): boolean => text.includes(UNKNOWN_TEXT) || text.includes("${secret:");

/** Returns the text of a reference to an output, as `textOf` returns it. */
export const outputText = (resource: Resource, output: string): string => `\${${resource.urn}#${output}}`;

/**
 * Returns the resource and the output that a value refers to; undefined if it is not a reference.
 */
export function targetOf(view: View, value: Value | undefined): { resource: Resource; output: string } | undefined {
  if (value === undefined || value === null || !isObject(value) || !isReference(value)) return undefined;
  const at = value.ref.lastIndexOf("#");
  const resource = view.get(value.ref.slice(0, at));
  return resource && { resource, output: value.ref.slice(at + 1) };
}

/**
 * Returns a finding unless the property passes the test. The finding is unknown if the value is
 * unknown. `test` gets undefined for an absent property.
 */
export function expectThat(
  view: View,
  resource: Resource,
  path: string,
  test: (value: Value | undefined) => boolean,
  message: string,
): Finding[] {
  const seen = view.read(resource, path);
  if (seen.is === "unknown") return [flagUnknown(resource, path, `${message}: ${seen.why}`)];
  return test(seen.is === "known" ? seen.value : undefined) ? [] : [flag(resource, path, message)];
}

/** Returns a finding unless the property is an output of a resource of one of the types. */
export function expectTarget(
  view: View,
  resource: Resource,
  path: string,
  types: string[],
  message: string,
  test: (target: Resource, output: string) => boolean = () => true,
): Finding[] {
  const value = inputOf(resource, path);
  if (value !== undefined && (textOf(value) === undefined ? false : isUnknownText(textOf(value) ?? "")))
    return [flagUnknown(resource, path, `${message}, which is known only after the deployment`)];
  const target = targetOf(view, value);
  const fits = target !== undefined && types.includes(target.resource.type) && test(target.resource, target.output);
  return fits ? [] : [flag(resource, path, message)];
}

/**
 * Returns a finding unless the resource survives the removal of its stage. A policy pack cannot see
 * this.
 */
export function expectRetained(view: View, resource: Resource, what: string): Finding[] {
  const message = `expected retainOnDelete for ${what}`;
  if (view.graph.removal === undefined) return [flagUnknown(resource, "@retainOnDelete", message)];
  return resource.retainOnDelete === true ? [] : [flag(resource, "@retainOnDelete", message)];
}

export function flag(resource: Resource | string, path: string, message: string): Finding {
  const urn = typeof resource === "string" ? resource : resource.urn;
  return {
    urn,
    path: typeof resource === "string" || path.startsWith("@") ? path.replace("@", "") : `inputs.${path}`,
    message,
  };
}

export function flagUnknown(resource: Resource | string, path: string, message: string): Finding {
  return { ...flag(resource, path, message), unknown: true };
}

const paths = new Map<string, string[]>();

/** Caches, because rules read the same few paths of every resource. */
function keysOf(path: string): string[] {
  const keys = paths.get(path) ?? path.split(".");
  paths.set(path, keys);
  return keys;
}

/** Returns the keys and values of a plain object; none for markers and anything else. */
export function entriesOf(value: Value | undefined): [string, Value][] {
  if (value === undefined || value === null || !isObject(value)) return [];
  if (isJsonText(value)) return entriesOf(value.json);
  return isReference(value) || isSecret(value) || isAsset(value) || isUnknown(value)
    ? []
    : Object.entries(unescapeMarker(value));
}

/** Returns the elements of a list; none for anything else. */
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
  if (isSecret(value)) return { is: "unknown", why: `the value is the secret ${value.secret}` };
  if (isUnknown(value)) return { is: "unknown", why: value.unknown };
  if (isJsonText(value)) return { is: "known", value: value.json };
  return { is: "known", value: isAsset(value) ? value.asset : value };
}

/** An output with the name of an input has the input's value. AWS generates the other outputs. */
function output(name: string, get: Get): Seen {
  const at = name.lastIndexOf("#");
  const input = get(name.slice(0, at))?.inputs[name.slice(at + 1)];
  if (input === undefined || input === null)
    return { is: "unknown", why: `${name} is known only after the deployment` };
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
          : { is: "unknown", why: `the value contains the secret ${piece.secret}` };
    if (part.is !== "known") return part;
    whole += String(part.value);
  }
  return { is: "known", value: whole };
}
