import type { Row } from "./row";

export const CLOUDFRONT: Record<`aws:cloudfront/${string}`, Row> = {
  "aws:cloudfront/cachePolicy:CachePolicy": (names) => ({ id: names.uuid(), outputs: { etag: names.id(13, "upper") } }),
  "aws:cloudfront/distribution:Distribution": (names) => {
    const id = `E${names.id(13, "upper")}`;
    return {
      id,
      outputs: {
        arn: names.arn("cloudfront", `distribution/${id}`, ""),
        domainName: `d${names.id(13)}.cloudfront.net`,
        etag: `E${names.id(12, "upper", "etag")}`,
        hostedZoneId: "Z2FDTNDATAQYW2", // CloudFront's own zone, the same for every distribution
      },
    };
  },
  "aws:cloudfront/function:Function": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("cloudfront", `function/${names.input("name")}`, ""),
      etag: `ETV${names.id(10, "upper")}`,
    },
  }),
  "aws:cloudfront/keyValueStore:KeyValueStore": (names) => ({
    id: names.uuid(),
    outputs: {
      arn: names.arn("cloudfront", `key-value-store/${names.uuid()}`, ""),
      etag: `ETV${names.id(10, "upper")}`,
    },
  }),
  "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": (names) => ({
    id: `${names.input("keyValueStoreArn")},${names.input("key")}`,
    outputs: {},
  }),
  "aws:cloudfront/originAccessControl:OriginAccessControl": (names) => ({
    id: `E${names.id(13, "upper")}`,
    outputs: {},
  }),
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (names) => {
    const id = names.uuid();
    return {
      id,
      outputs: {
        arn: names.arn("cloudfront", `response-headers-policy/${id}`, ""),
        etag: `E${names.id(13, "upper", "etag")}`,
      },
    };
  },
};
