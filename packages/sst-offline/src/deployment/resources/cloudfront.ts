import type { ResolvedResource } from "@backend/sst-graph/resolve";

import { type Coverage, EDGE, type Reason, SITE } from "./reasons";

export const CLOUDFRONT: Record<`aws:cloudfront/${string}`, Coverage> = {
  "aws:cloudfront/cachePolicy:CachePolicy": EDGE,
  "aws:cloudfront/distribution:Distribution": distribution,
  "aws:cloudfront/function:Function": siteOrEdge,
  "aws:cloudfront/keyValueStore:KeyValueStore": siteOrEdge,
  "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": siteOrEdge,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": siteOrEdge,
};

function distribution(...args: Parameters<Reason>): ReturnType<Reason> {
  const [, resource, edgeUrn] = args;
  if (isOfSite(resource) || resource.urn === edgeUrn) return siteOrEdge(...args);
  const why = "its default origin is not the API: requests reach the API directly, without its viewer functions";
  return { what: `distribution ${resource.name}`, why };
}

function siteOrEdge(...args: Parameters<Reason>): ReturnType<Reason> {
  return (isOfSite(args[1]) ? SITE : EDGE)(...args);
}

/** True for parts of a static site, and for what this project adds to the console's site. */
function isOfSite({ urn, name }: ResolvedResource): boolean {
  return urn.includes("sst:aws:StaticSite$") || name.startsWith("Console");
}
