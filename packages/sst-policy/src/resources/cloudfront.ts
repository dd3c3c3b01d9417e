import type { Description } from "./description";

export const CLOUDFRONT: Record<`aws:cloudfront/${string}`, Description> = {
  "aws:cloudfront/distribution:Distribution": {
    judged: `aliases comment customErrorResponses enabled httpVersion isIpv6Enabled loggingConfig
      origins.customHeaders origins.customOriginConfig origins.domainName origins.originId
      origins.originAccessControlId origins.connectionAttempts origins.connectionTimeout
      priceClass restrictions viewerCertificate waitForDeployment webAclId defaultRootObject
      ${behaviour("defaultCacheBehavior")} ${behaviour("orderedCacheBehaviors")}
      orderedCacheBehaviors.pathPattern`,
  },
  "aws:cloudfront/function:Function": { judged: "*" },
  "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": { judged: "*" },
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": { judged: "*" },
  "aws:cloudfront/cachePolicy:CachePolicy": { unjudged: "the functions' cache-control decides what is cached" },
  "aws:cloudfront/keyValueStore:KeyValueStore": { unjudged: "paths of a site's files" },
  "aws:cloudfront/keyvaluestoreKeysExclusive:KeyvaluestoreKeysExclusive": { unjudged: "paths of a site's files" },
  "aws:cloudfront/originAccessControl:OriginAccessControl": {
    unjudged: "gives a distribution access to its own bucket, whose policy is checked",
  },
};

function behaviour(path: string): string {
  const names = [
    ...["allowedMethods", "cachedMethods", "cachePolicyId", "compress", "defaultTtl", "minTtl", "maxTtl"],
    ...["functionAssociations", "lambdaFunctionAssociations", "originRequestPolicyId", "responseHeadersPolicyId"],
    ...["targetOriginId", "viewerProtocolPolicy"],
  ];
  return names.map((name) => `${path}.${name}`).join(" ");
}
