import type { Resource, Value } from "@backend/sst-graph/graph";
import { isOwnHost } from "./addresses";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import {
  entriesOf,
  expectThat,
  flag,
  flagUnknown,
  inputListOf,
  inputOf,
  isUnknownText,
  targetOf,
  textOf,
  type View,
} from "./view";

export const CDN = "aws:cloudfront/distribution:Distribution";
const ACL = "aws:wafv2/webAcl:WebAcl";
const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
/**
 * SST's placeholder; a function chooses the real origin: sst 4.17.1, src/components/aws/router.ts
 */
const PLACEHOLDER = "placeholder.sst.dev";

/**
 * Error codes whose caching can be configured:
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomErrorResponse.html
 */
const ERROR_CODES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

export const checkCdns = (check: (view: View, cdn: Resource) => Finding[]) => (view: View) =>
  view.all(CDN).flatMap((cdn) => check(view, cdn));

/** Returns the paths of a distribution's cache behaviours: the default one and the ordered ones. */
export function behavioursOf(cdn: Resource): string[] {
  const ordered = inputListOf(cdn, "orderedCacheBehaviors").map((_one, at) => `orderedCacheBehaviors.${at}`);
  return ["defaultCacheBehavior", ...ordered];
}

export const EDGE_RULES: Rule[] = [
  {
    id: "cdn-tls",
    severity: "medium",
    title: "A distribution requires TLS 1.2 or later from viewers, with a security policy of 2021 or later",
    reason: "CloudFront's own certificate accepts TLS 1.0.",
    fix: "Give the distribution a domain of its own. SST then sets TLSv1.2_2021.",
    mapping: ["AwsSolutions-CFR4", "CKV_AWS_174"],
    check: checkCdns((view, cdn) =>
      expectThat(
        view,
        cdn,
        "viewerCertificate.minimumProtocolVersion",
        (version) => /^TLSv1\.(2_2021|2_2025|3_2025)$/.test(String(version)),
        "expected TLSv1.2_2021 or later",
      ),
    ),
  },
  {
    id: "cdn-origin-tls",
    severity: "high",
    title: "A distribution uses only TLS 1.2 to its origins",
    reason: "Without TLS between the edge and the API, tokens can be read on the way.",
    fix: "Leave originProtocolPolicy at https-only and originSslProtocols at TLSv1.2.",
    mapping: ["AwsSolutions-CFR5", "CloudFront.10"],
    check: checkCdns((view, cdn) =>
      inputListOf(cdn, "origins").flatMap((origin, at) =>
        entriesOf(origin).every(([key]) => key !== "customOriginConfig")
          ? []
          : [
              ...expectThat(
                view,
                cdn,
                `origins.${at}.customOriginConfig.originProtocolPolicy`,
                (policy) => policy === "https-only",
                "expected https-only",
              ),
              ...expectThat(
                view,
                cdn,
                `origins.${at}.customOriginConfig.originSslProtocols`,
                (list) => JSON.stringify(list) === '["TLSv1.2"]',
                "expected only TLSv1.2",
              ),
            ],
      ),
    ),
  },
  {
    id: "cdn-origin-own",
    severity: "high",
    title: "The origins of a distribution are resources of this deployment",
    reason: "Another origin receives callers' requests, including tokens, and responds in the API's name.",
    fix: "Take the origin's domain name from the API or bucket.",
    check: checkCdns((view, cdn) =>
      inputListOf(cdn, "origins").flatMap((_origin, at) => {
        const host = textOf(inputOf(cdn, `origins.${at}.domainName`)) ?? "";
        const path = `origins.${at}.domainName`;
        if (isUnknownText(host)) return [flagUnknown(cdn, path, "the origin is known only after the deployment")];
        return host === PLACEHOLDER || isOwnHost(view, host)
          ? []
          : [flag(cdn, path, `"${host}" is not part of this deployment`)];
      }),
    ),
  },
  {
    id: "cdn-https",
    severity: "medium",
    title: "A distribution serves nothing without TLS",
    reason: "Anyone on the way can read the tokens in a request without TLS.",
    fix: "Set viewerProtocolPolicy to redirect-to-https or https-only.",
    mapping: ["CloudFront.3", "CKV_AWS_34"],
    check: checkCdns((view, cdn) =>
      behavioursOf(cdn).flatMap((path) =>
        expectThat(
          view,
          cdn,
          `${path}.viewerProtocolPolicy`,
          (policy) => policy === "redirect-to-https" || policy === "https-only",
          "expected redirect-to-https or https-only",
        ),
      ),
    ),
  },
  {
    id: "cdn-errors-not-cached",
    severity: "high",
    title: "A distribution caches no error responses",
    reason:
      "CloudFront caches errors for 10 s despite `no-store`, and its cache key does not include " +
      "Authorization. One caller's 403 is served to another caller.",
    fix: "Set customErrorResponses with errorCachingMinTtl 0 for every error code.",
    check: checkCdns((_view, cdn) => {
      const responses = inputListOf(cdn, "customErrorResponses") as Record<string, Value>[];
      const missing = ERROR_CODES.filter(
        (code) =>
          !responses.some(({ errorCode, errorCachingMinTtl }) => errorCode === code && errorCachingMinTtl === 0),
      );
      const message = `expected errorCachingMinTtl 0 for ${missing.join(", ")}`;
      return missing.length === 0 ? [] : [flag(cdn, "customErrorResponses", message)];
    }),
  },
  {
    id: "cdn-logging",
    severity: "medium",
    title: "A distribution logs its requests to a bucket of this deployment",
    reason:
      "Behind the edge, the access log shows only CloudFront's address. The viewer's address is only in the " +
      "distribution's log.",
    fix: "Set loggingConfig, or deliver the log with aws.cloudwatch.LogDelivery.",
    mapping: ["CloudFront.5", "AwsSolutions-CFR3", "CKV_AWS_86"],
    check: checkCdns((view, cdn) => {
      const isDelivered = view
        .all("aws:cloudwatch/logDeliverySource:LogDeliverySource")
        .some((source) => pointsTo(view, source, "resourceArn", cdn));
      const bucket = inputOf(cdn, "loggingConfig.bucket");
      if (bucket === undefined) return isDelivered ? [] : [flag(cdn, "loggingConfig", "expected a log")];
      const isOwn = BUCKETS.includes(targetOf(view, bucket)?.resource.type ?? "");
      return isOwn ? [] : [flag(cdn, "loggingConfig.bucket", "expected a bucket of this deployment")];
    }),
  },
  {
    id: "cdn-firewall",
    severity: "medium",
    title: "A distribution has a web ACL of this deployment",
    reason: "Only a firewall can block floods and known attacks before they cost anything.",
    fix: "Set waf on sst.aws.Router.",
    mapping: ["CloudFront.6", "AwsSolutions-CFR2", "CKV_AWS_68"],
    check: checkCdns((view, cdn) =>
      targetOf(view, inputOf(cdn, "webAclId"))?.resource.type === ACL
        ? []
        : [flag(cdn, "webAclId", "expected a web ACL of this deployment")],
    ),
  },
  {
    id: "edge-code-declared",
    severity: "high",
    title: "Only CloudFront functions of this deployment run at the edge",
    reason: "Code at the edge reads and changes every request and response, including tokens.",
    fix: "Remove lambdaFunctionAssociations, and take functionArn from a function of this deployment.",
    check: checkCdns((view, cdn) =>
      behavioursOf(cdn).flatMap((path) => [
        ...inputListOf(cdn, `${path}.lambdaFunctionAssociations`).map((_one, at) =>
          flag(cdn, `${path}.lambdaFunctionAssociations.${at}`, "expected no Lambda function at the edge"),
        ),
        ...inputListOf(cdn, `${path}.functionAssociations`).flatMap((_one, at) => {
          const property = `${path}.functionAssociations.${at}.functionArn`;
          const type = targetOf(view, inputOf(cdn, property))?.resource.type;
          return type === "aws:cloudfront/function:Function"
            ? []
            : [flag(cdn, property, "expected a CloudFront function of this deployment")];
        }),
      ]),
    ),
  },
];
