import type { Resource, Value } from "@backend/sst-graph/graph";
import { isOwnHost } from "./addresses";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import {
  entriesOf,
  expectThat,
  found,
  isUnknownText,
  raw,
  rawList,
  targetOf,
  unknown,
  type View,
  written,
} from "./view";

export const CDN = "aws:cloudfront/distribution:Distribution";
const ACL = "aws:wafv2/webAcl:WebAcl";
const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
/** The origin of SST's components whose function chooses the true one: sst 4.17.1, src/components/aws/router.ts */
const PLACEHOLDER = "placeholder.sst.dev";

/** Error codes whose caching can be told: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomErrorResponse.html */
const ERROR_CODES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

export const ofCdns = (check: (view: View, cdn: Resource) => Finding[]) => (view: View) =>
  view.all(CDN).flatMap((cdn) => check(view, cdn));

/** Paths of a distribution's cache behaviours: the default one, and those for single paths. */
export function behavioursOf(cdn: Resource): string[] {
  const ordered = rawList(cdn, "orderedCacheBehaviors").map((_one, at) => `orderedCacheBehaviors.${at}`);
  return ["defaultCacheBehavior", ...ordered];
}

export const EDGE_RULES: Rule[] = [
  {
    id: "cdn-tls",
    severity: "medium",
    title: "A distribution speaks TLS 1.2 (policy of 2021) or later to viewers",
    reason: "CloudFront's own certificate takes TLS 1.0.",
    fix: "Give the distribution a domain of its own: SST then sets TLSv1.2_2021.",
    mapping: ["AwsSolutions-CFR4", "CKV_AWS_174"],
    check: ofCdns((view, cdn) =>
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
    title: "A distribution speaks TLS 1.2 alone to its origins",
    reason: "A token that travels from the edge to the API in the clear can be read on the way.",
    fix: "Leave originProtocolPolicy at https-only and originSslProtocols at TLSv1.2.",
    mapping: ["AwsSolutions-CFR5", "CloudFront.10"],
    check: ofCdns((view, cdn) =>
      rawList(cdn, "origins").flatMap((origin, at) =>
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
                "expected TLSv1.2 alone",
              ),
            ],
      ),
    ),
  },
  {
    id: "cdn-origin-own",
    severity: "high",
    title: "A distribution asks what this deployment makes, and nobody else",
    reason: "Another origin gets what callers send, tokens included, and answers in the API's name.",
    fix: "Take the origin's name from the API or bucket that it is.",
    check: ofCdns((view, cdn) =>
      rawList(cdn, "origins").flatMap((_origin, at) => {
        const host = written(raw(cdn, `origins.${at}.domainName`)) ?? "";
        const path = `origins.${at}.domainName`;
        if (isUnknownText(host)) return [unknown(cdn, path, "the origin is known after the deployment alone")];
        return host === PLACEHOLDER || isOwnHost(view, host)
          ? []
          : [found(cdn, path, `"${host}" is nothing that this deployment makes`)];
      }),
    ),
  },
  {
    id: "cdn-https",
    severity: "medium",
    title: "A distribution answers nothing without TLS",
    reason: "Tokens in a plain request can be read by anyone on the way.",
    fix: "Set viewerProtocolPolicy to redirect-to-https or https-only.",
    mapping: ["CloudFront.3", "CKV_AWS_34"],
    check: ofCdns((view, cdn) =>
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
    title: "A distribution caches no error answer",
    reason:
      "CloudFront keeps them for 10 s whatever `no-store` says, and its key has no Authorization: one caller's 403 is served to another.",
    fix: "Set customErrorResponses with errorCachingMinTtl 0 for every error code.",
    check: ofCdns((_view, cdn) => {
      const responses = rawList(cdn, "customErrorResponses") as Record<string, Value>[];
      const missing = ERROR_CODES.filter(
        (code) =>
          !responses.some(({ errorCode, errorCachingMinTtl }) => errorCode === code && errorCachingMinTtl === 0),
      );
      const message = `expected errorCachingMinTtl 0 for ${missing.join(", ")}`;
      return missing.length === 0 ? [] : [found(cdn, "customErrorResponses", message)];
    }),
  },
  {
    id: "cdn-logging",
    severity: "medium",
    title: "A distribution logs its requests, to a bucket of this deployment",
    reason: "Behind the edge the access log knows CloudFront's address alone: the viewer's is in this log.",
    fix: "Set loggingConfig, or deliver its log by aws.cloudwatch.LogDelivery.",
    mapping: ["CloudFront.5", "AwsSolutions-CFR3", "CKV_AWS_86"],
    check: ofCdns((view, cdn) => {
      const delivered = view
        .all("aws:cloudwatch/logDeliverySource:LogDeliverySource")
        .some((source) => pointsTo(view, source, "resourceArn", cdn));
      const bucket = raw(cdn, "loggingConfig.bucket");
      if (bucket === undefined) return delivered ? [] : [found(cdn, "loggingConfig", "expected a log")];
      const own = BUCKETS.includes(targetOf(view, bucket)?.resource.type ?? "");
      return own ? [] : [found(cdn, "loggingConfig.bucket", "expected a bucket of this deployment")];
    }),
  },
  {
    id: "cdn-firewall",
    severity: "medium",
    title: "A distribution is behind a web application firewall of the deployment",
    reason: "It is the one place where floods and known attacks are refused before they cost anything.",
    fix: "Set waf of sst.aws.Router.",
    mapping: ["CloudFront.6", "AwsSolutions-CFR2", "CKV_AWS_68"],
    check: ofCdns((view, cdn) =>
      targetOf(view, raw(cdn, "webAclId"))?.resource.type === ACL
        ? []
        : [found(cdn, "webAclId", "expected a web ACL of this deployment")],
    ),
  },
  {
    id: "edge-code-declared",
    severity: "high",
    title: "At the edge run CloudFront functions of this deployment, and nothing else",
    reason: "A program at the edge reads and rewrites every request and answer, tokens included.",
    fix: "Leave lambdaFunctionAssociations out, and take functionArn from a function of this deployment.",
    check: ofCdns((view, cdn) =>
      behavioursOf(cdn).flatMap((path) => [
        ...rawList(cdn, `${path}.lambdaFunctionAssociations`).map((_one, at) =>
          found(cdn, `${path}.lambdaFunctionAssociations.${at}`, "expected no Lambda function at the edge"),
        ),
        ...rawList(cdn, `${path}.functionAssociations`).flatMap((_one, at) => {
          const place = `${path}.functionAssociations.${at}.functionArn`;
          const type = targetOf(view, raw(cdn, place))?.resource.type;
          return type === "aws:cloudfront/function:Function"
            ? []
            : [found(cdn, place, "expected a CloudFront function of this deployment")];
        }),
      ]),
    ),
  },
];
