import { createHash } from "node:crypto";

import type { Graph } from "@secure-backend/graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@secure-backend/graph/resolve";

import type { IncomingRequest } from "../gateway/exchange";
import { objectOf } from "../gateway/settings";
import { viewerRequest } from "./viewer-request";

/** Makes of a caller's request the one that CloudFront sends on. */
export type Edge = (request: IncomingRequest) => Promise<IncomingRequest>;

/** Values in place of those of `sst secret set`: different for each secret, the same at each start. */
export function secretsOf({ resources }: Graph): Record<string, string> {
  const names = resources.filter(({ type }) => type === "sst:sst:Secret").map(({ name }) => name);
  const madeUp = (name: string) => createHash("sha256").update(`offline ${name}`).digest("hex");
  return Object.fromEntries(names.map((name) => [`secret:${name}`, madeUp(name)]));
}

/** The distribution whose origin is the API, where the graph declares one. */
export function distributionOf({ resources }: ResolvedGraph): ResolvedResource | undefined {
  const hosts = resources.flatMap(({ type, inputs, outputs }) => {
    if (type === "aws:apigatewayv2/api:Api") return [new URL(outputs.apiEndpoint ?? "").host];
    return type === "aws:apigatewayv2/domainName:DomainName" ? [String(inputs.domainName)] : [];
  });
  return resources.find(({ type, inputs }) => {
    return type === "aws:cloudfront/distribution:Distribution" && hosts.includes(String(originOf(inputs).domainName));
  });
}

/**
 * What that distribution does to a request on its way: its function, then the headers that it adds. Nothing is cached or blocked.
 * Throws an Error for a function that cannot be played.
 */
export function edgeOf(graph: ResolvedGraph, { inputs }: ResolvedResource): Edge {
  const { functionAssociations, targetOriginId } = objectOf(inputs.defaultCacheBehavior);
  const play = listOf(functionAssociations)
    .filter(({ eventType }) => eventType === "viewer-request")
    .map(({ functionArn }) => graph.resources.find(({ outputs }) => outputs.arn === functionArn))
    .map((declared) => viewerRequest(String(declared?.inputs.code)));
  const added = listOf(originOf(inputs, targetOriginId).customHeaders).map(({ name, value }) => {
    return { name: String(name).toLowerCase(), value: String(value) };
  });
  return async (request) => {
    let seen = request;
    for (const change of play) seen = await change(seen);
    return { ...seen, rawHeaders: withHeaders(seen.rawHeaders, added) };
  };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html: they replace the caller's. */
function withHeaders(rawHeaders: string[], added: { name: string; value: string }[]): string[] {
  const kept = rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase();
    return added.every((header) => header.name !== name);
  });
  return [...kept, ...added.flatMap(({ name, value }) => [name, value])];
}

function originOf({ origins }: ResolvedResource["inputs"], id?: unknown): Record<string, unknown> {
  return listOf(origins).find(({ originId }) => id === undefined || originId === id) ?? {};
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
