import type { Graph, Plain, Resource, Value } from "./graph";
import { generateOutputs } from "./outputs";
import { isAsset, isJsonText, isReference, isSecret, outputName, splitPieces, unescapeMarker } from "./reference";

export interface ResolvedResource extends Omit<Resource, "inputs"> {
  inputs: Record<string, Plain>;
  /** All outputs that are strings. The ID is under `id`. */
  outputs: Record<string, string>;
}

export interface ResolvedGraph extends Omit<Graph, "resources" | "functions" | "outputs"> {
  resources: ResolvedResource[];
  functions: (Omit<Graph["functions"][number], "nodejs"> & { nodejs: Record<string, Plain> })[];
  outputs: Record<string, Plain>;
}

/**
 * Replaces every reference by a value. A secret becomes the text `secret(<name>)`, an asset its
 * name.
 *
 * @param overrides values by output name, `<urn>#<output>` or `secret:<name>`. They replace
 * generated   values.
 * @param addresses replacements by AWS address, such as
 * `https://<domain>.auth.<region>.amazoncognito.com`. They replace the beginning of values.
 * @throws Error that names a reference to something that is not in the graph
 */
export function resolve(
  graph: Graph,
  overrides: Record<string, string> = {},
  addresses: Record<string, string> = {},
): ResolvedGraph {
  const byUrn = new Map(graph.resources.map((resource) => [resource.urn, resource]));
  const resolved = new Map<string, ResolvedResource>();

  return {
    ...graph,
    resources: graph.resources.map(({ urn }) => resolveResource(urn)),
    functions: graph.functions.map((build) => ({ ...build, nodejs: record(build.nodejs) })),
    outputs: record(graph.outputs),
  };

  function resolveResource(urn: string): ResolvedResource {
    const done = resolved.get(urn);
    if (done !== undefined) return done;
    const resource = byUrn.get(urn);
    if (resource === undefined)
      throw new Error(`the graph of stage "${graph.stage}" refers to ${urn}, which is not in the graph`);
    const inputs = record(resource.inputs);
    const result = { ...resource, inputs, outputs: outputsOf(resource, inputs) };
    resolved.set(urn, result);
    return result;
  }

  function outputsOf(resource: Resource, inputs: Record<string, Plain>): Record<string, string> {
    if (resource.type.startsWith("sst:")) return {};
    const { id, outputs } = generateOutputs({ ...resource, inputs, region: regionOf(resource) });
    const texts = Object.entries({ ...inputs, ...outputs, id }).flatMap(([key, value]) => leaves(key, value));
    return Object.fromEntries(texts.map(([key, text]) => [key, overrides[outputName(resource.urn, key)] ?? text]));
  }

  function regionOf(resource: Resource): string {
    const provider = resource.provider === undefined ? undefined : byUrn.get(resource.provider);
    return typeof provider?.inputs.region === "string" ? provider.inputs.region : graph.region;
  }

  function record(values: Record<string, Value>): Record<string, Plain> {
    return Object.fromEntries(Object.entries(values).map(([key, item]) => [key, value(item)]));
  }

  function value(item: Value): Plain {
    if (typeof item === "string") return text(item);
    if (Array.isArray(item)) return item.map(value);
    if (typeof item !== "object" || item === null) return item;
    if (isReference(item)) return output(item.ref);
    if (isSecret(item)) return secret(item.secret);
    if (isJsonText(item)) return JSON.stringify(value(item.json));
    if (isAsset(item)) return item.asset;
    return record(unescapeMarker(item));
  }

  function text(item: string): string {
    const resolvedText = splitPieces(item)
      .map((piece) => ("text" in piece ? piece.text : "ref" in piece ? output(piece.ref) : secret(piece.secret)))
      .join("");
    return local(resolvedText);
  }

  function local(value: string): string {
    if (!value.startsWith("https://")) return value;
    const address = Object.keys(addresses).find((candidate) => `${value}/`.startsWith(`${candidate}/`));
    return address === undefined ? value : `${addresses[address]}${value.slice(address.length)}`;
  }

  function output(name: string): string {
    const at = name.lastIndexOf("#");
    const [urn, key] = [name.slice(0, at), name.slice(at + 1)];
    const found = overrides[name] ?? (key === "urn" ? urn : resolveResource(urn).outputs[key]);
    if (found === undefined)
      throw new Error(`the graph of stage "${graph.stage}" refers to ${name}, but ${urn} has no such output`);
    return found;
  }

  function secret(name: string): string {
    return overrides[`secret:${name}`] ?? `secret(${name})`;
  }
}

function leaves(key: string, value: Plain): [string, string][] {
  if (typeof value === "string") return [[key, value]];
  return Array.isArray(value) ? value.flatMap((item, index) => leaves(`${key}[${index}]`, item)) : [];
}
