import { type Coverage, EDGE, type Reason, SITE } from "./reasons";

export const CLOUDFRONT: Record<`aws:cloudfront/${string}`, Coverage> = {
  "aws:cloudfront/cachePolicy:CachePolicy": EDGE,
  "aws:cloudfront/distribution:Distribution": distribution,
  "aws:cloudfront/function:Function": routerOrSite,
  "aws:cloudfront/keyValueStore:KeyValueStore": routerOrSite,
  "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": routerOrSite,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": routerOrSite,
};

function distribution(...args: Parameters<Reason>): ReturnType<Reason> {
  const [, { urn, name }, edgeUrn] = args;
  if (urn === edgeUrn) return EDGE(...args);
  if (urn.includes("sst:aws:StaticSite$")) return SITE(...args);
  const why = "its default origin is not the API: requests reach the API directly, without its viewer functions";
  return { what: `distribution ${name}`, why };
}

/** A router creates its own resources. Those outside a router belong to a site. */
function routerOrSite(...args: Parameters<Reason>): ReturnType<Reason> {
  return (args[1].urn.includes("sst:aws:Router$") ? EDGE : SITE)(...args);
}
