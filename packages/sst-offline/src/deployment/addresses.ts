import type { Graph } from "@backend/sst-graph/graph";
import { type ResolvedGraph, type ResolvedResource, resolve } from "@backend/sst-graph/resolve";

import { issuerOf } from "../cognito/places";
import { findDistribution, secretsOf } from "../edge/edge";
import { apiHostsOf } from "../gateway/api";
import { stringsOf } from "../kit/json";

/** The local addresses that replace AWS's. */
export interface LocalAddresses {
  /** Origin of the API, such as `http://127.0.0.1:3000`. */
  origin: string;
  /** URL of the AWS services and user pools, such as `http://127.0.0.1:3001`. */
  endpointUrl: string;
  /**
   * Origin of the app's site, such as `http://localhost:5173`. It replaces the URL in this output.
   */
  site?: { output: string; origin: string } | undefined;
}

/**
 * Resolves the graph with this machine's addresses in place of AWS's.
 *
 * @returns the resolved graph, and the distribution in front of the API, if there is one
 */
export function localise(
  graph: Graph,
  addresses: LocalAddresses,
): { resolved: ResolvedGraph; distribution: ResolvedResource | undefined } {
  const onAws = resolve(graph);
  const distribution = findDistribution(onAws, apiHostsOf(onAws));
  const overrides = { ...apiEndpointsOf(graph, addresses.origin), ...secretsOf(graph) };
  const hosts = [...domainsOf(onAws), ...(distribution === undefined ? [] : edgeHostsOf(distribution))];
  const apiAddresses = Object.fromEntries(hosts.map((host) => [`https://${host}`, addresses.origin]));
  const resolved = resolve(graph, overrides, { ...otherAddressesOf(onAws, addresses), ...apiAddresses });
  return { resolved, distribution: resolved.resources.find(({ urn }) => urn === distribution?.urn) };
}

function apiEndpointsOf({ resources }: Graph, origin: string): Record<string, string> {
  const apis = resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");
  return Object.fromEntries(apis.map(({ urn }) => [`${urn}#apiEndpoint`, origin]));
}

function domainsOf({ resources }: ResolvedGraph): string[] {
  return resources
    .filter(({ type }) => type === "aws:apigatewayv2/domainName:DomainName")
    .map(({ inputs }) => String(inputs.domainName));
}

function edgeHostsOf({ outputs, inputs }: ResolvedResource): string[] {
  return [outputs.domainName ?? "", ...stringsOf(inputs.aliases)];
}

/** Maps the URLs of the site and the user pools. Issuer and sign-in domain have one local URL. */
function otherAddressesOf(graph: ResolvedGraph, { endpointUrl, site }: LocalAddresses) {
  const { resources, region, outputs } = graph;
  const issuers = resources
    .filter(({ type }) => type === "aws:cognito/userPool:UserPool")
    .map(({ outputs: { id = "", endpoint = "" } }) => [`https://${endpoint}`, issuerOf(endpointUrl, id)]);
  const domains = resources
    .filter(({ type }) => type === "aws:cognito/userPoolDomain:UserPoolDomain")
    .map(({ inputs: { domain, userPoolId } }) => [
      `https://${domain}.auth.${region}.amazoncognito.com`,
      issuerOf(endpointUrl, String(userPoolId)),
    ]);
  const siteOnAws = site && outputs[site.output];
  const sites = typeof siteOnAws === "string" ? [[siteOnAws, site?.origin]] : [];
  return Object.fromEntries([...sites, ...issuers, ...domains]) as Record<string, string>;
}
