import type { Resource, Value } from "../graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { statementsOf } from "./statements";
import { expectThat, found, raw, rawList, targetOf, type View, written } from "./view";

const CDN = "aws:cloudfront/distribution:Distribution";
const ACL = "aws:wafv2/webAcl:WebAcl";
const ACL_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration";
const API = "aws:apigatewayv2/api:Api";
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** Where the edge's secret is sent, and where a function has it. */
const LOCK = { header: "x-origin-secret", variable: "ORIGIN_SECRETS" };
const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

/** Error codes whose caching can be told: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomErrorResponse.html */
const ERROR_CODES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

const ofCdns = (check: (view: View, cdn: Resource) => Finding[]) => (view: View) =>
  view.all(CDN).flatMap((cdn) => check(view, cdn));
const ofAcls = (check: (view: View, acl: Resource) => Finding[]) => (view: View) =>
  view.all(ACL).flatMap((acl) => check(view, acl));

export const EDGE_RULES: Rule[] = [
  {
    id: "cdn-tls",
    severity: "medium",
    title: "A distribution speaks TLS 1.2 (policy of 2021) or later, to viewers and to origins",
    reason: "CloudFront's own certificate takes TLS 1.0.",
    fix: "Give the distribution a domain of its own: SST then sets TLSv1.2_2021.",
    mapping: ["AwsSolutions-CFR4", "CKV_AWS_174"],
    check: ofCdns((view, cdn) => [
      ...expectThat(
        view,
        cdn,
        "viewerCertificate.minimumProtocolVersion",
        (version) => /^TLSv1\.(2_2021|2_2025|3_2025)$/.test(String(version)),
        "expected TLSv1.2_2021 or later",
      ),
      ...rawList(cdn, "origins").flatMap((origin, at) =>
        (origin as Record<string, Value>).customOriginConfig === undefined
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
    ]),
  },
  {
    id: "cdn-https",
    severity: "medium",
    title: "A distribution answers nothing without TLS",
    reason: "Tokens in a plain request can be read by anyone on the way.",
    fix: "Set viewerProtocolPolicy to redirect-to-https or https-only.",
    mapping: ["CloudFront.3", "CKV_AWS_34"],
    check: ofCdns((view, cdn) =>
      [
        "defaultCacheBehavior",
        ...rawList(cdn, "orderedCacheBehaviors").map((_one, at) => `orderedCacheBehaviors.${at}`),
      ].flatMap((path) =>
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
    title: "A distribution logs its requests",
    reason: "Behind the edge the access log knows CloudFront's address alone: the viewer's is in this log.",
    fix: "Set loggingConfig, or deliver its log by aws.cloudwatch.LogDelivery.",
    mapping: ["CloudFront.5", "AwsSolutions-CFR3", "CKV_AWS_86"],
    check: ofCdns((view, cdn) => {
      const delivered = view
        .all("aws:cloudwatch/logDeliverySource:LogDeliverySource")
        .some((source) => pointsTo(view, source, "resourceArn", cdn));
      return delivered || raw(cdn, "loggingConfig.bucket") !== undefined
        ? []
        : [found(cdn, "loggingConfig", "expected a log")];
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
    id: "edge-locked",
    severity: "high",
    title: "An edge in front of the API sends a secret, and every function that a route leads to knows it",
    reason: "WAF cannot stand in front of an HTTP API: who finds the API's own address would go around it.",
    fix: "Give the function `...front.environment` in sst.config.ts.",
    check: (view) => view.all(CDN).flatMap((cdn) => lockFindings(view, cdn)),
  },
  {
    id: "edge-caches-nothing",
    severity: "high",
    title: "An edge in front of the API caches nothing",
    reason: "Its key has no Authorization: one caller's answer would be another's.",
    fix: "Set the route's cachePolicy to Managed-CachingDisabled.",
    check: (view) =>
      view
        .all(CDN)
        .filter((cdn) => apiOrigins(view, cdn).length > 0)
        .flatMap((cdn) => {
          const isOff = (id: Value | undefined) => id === CACHING_DISABLED;
          return expectThat(view, cdn, "defaultCacheBehavior.cachePolicyId", isOff, "expected Managed-CachingDisabled");
        }),
  },
  {
    id: "firewall-managed-rules",
    severity: "medium",
    title: "A firewall has AWS's managed rules, in force, and a limit for each address",
    reason: "An empty firewall lets everything through; a rule that only counts as well.",
    fix: "Set waf.managedRules and waf.rateLimitPerIp of sst.aws.Router.",
    mapping: ["WAF.10"],
    check: ofAcls((_view, acl) => {
      const rules = rawList(acl, "rules") as Record<string, Value>[];
      const has = (statement: string, inForce: (rule: Record<string, Value>) => boolean) =>
        rules.some(
          (rule) => (rule.statement as Record<string, Value> | undefined)?.[statement] !== undefined && inForce(rule),
        );
      const managed = has("managedRuleGroupStatement", ({ overrideAction }) =>
        JSON.stringify(overrideAction ?? "").includes("none"),
      );
      const rate = has("rateBasedStatement", ({ action }) =>
        /"(block|challenge|captcha)"/.test(JSON.stringify(action ?? "")),
      );
      return [
        ...(managed ? [] : [found(acl, "rules", "expected a managed rule group in force")]),
        ...(rate ? [] : [found(acl, "rules", "expected a rate rule that blocks")]),
      ];
    }),
  },
  {
    id: "firewall-logging",
    severity: "medium",
    title: "A firewall logs what it refuses",
    reason: "A refused request is in no other log.",
    fix: "Set waf.logging of sst.aws.Router.",
    mapping: ["WAF.11", "CKV2_AWS_31"],
    check: ofAcls((view, acl) =>
      view
        .all(ACL_LOG)
        .some((log) => pointsTo(view, log, "resourceArn", acl) && rawList(log, "logDestinationConfigs").length > 0)
        ? []
        : [found(acl, "@", "expected a logging configuration")],
    ),
  },
  {
    id: "bucket-closed",
    severity: "high",
    title: "A bucket blocks public access, all four ways, and refuses requests without TLS",
    reason: "One policy or ACL by mistake makes every object public.",
    fix: 'Make buckets by sst.aws.Bucket without `access: "public"`.',
    mapping: [
      "S3.5",
      "S3.8",
      "AwsSolutions-S2",
      "AwsSolutions-S10",
      "CKV_AWS_53",
      "CKV_AWS_54",
      "CKV_AWS_55",
      "CKV_AWS_56",
    ],
    check: (view) => view.all(...BUCKETS).flatMap((bucket) => bucketFindings(view, bucket)),
  },
];

/** Places among the origins that are an API. */
function apiOrigins(view: View, cdn: Resource): number[] {
  const domains = view
    .all("aws:apigatewayv2/domainName:DomainName")
    .map((domain) => written(raw(domain, "domainName")));
  const hosts = rawList(cdn, "origins").map((origin) => written((origin as Record<string, Value>).domainName) ?? "");
  return hosts.flatMap((host, at) => {
    const isApi = host.includes(".execute-api.") || view.all(API).some(({ urn }) => host.includes(urn));
    return isApi || domains.includes(host) ? [at] : [];
  });
}

function lockFindings(view: View, cdn: Resource): Finding[] {
  const integrations = view.all("aws:apigatewayv2/integration:Integration");
  return apiOrigins(view, cdn).flatMap((at) => {
    const headers = rawList(cdn, `origins.${at}.customHeaders`) as Record<string, Value>[];
    const secret = headers.filter(({ name }) => name === LOCK.header).map(({ value }) => written(value))[0];
    if (secret === undefined)
      return [found(cdn, `origins.${at}.customHeaders`, `expected ${LOCK.header} with a secret`)];
    return integrations.flatMap((integration) => {
      const lambda = targetOf(view, raw(integration, "integrationUri"))?.resource;
      const path = `environment.variables.${LOCK.variable}`;
      const known = lambda && (written(raw(lambda, path)) ?? "");
      return lambda === undefined || known?.split(" ").includes(secret)
        ? []
        : [found(lambda, path, "expected the secret that the edge sends")];
    });
  });
}

function bucketFindings(view: View, bucket: Resource): Finding[] {
  const isOf = (one: Resource) => pointsTo(view, one, "bucket", bucket);
  const block = view.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").find(isOf);
  const tls = statementsOf(view, "resource").some(
    ({ resource, effect, conditions }) =>
      isOf(resource) &&
      effect === "Deny" &&
      conditions.some(
        ({ operator, key, values }) => operator === "Bool" && key === "aws:SecureTransport" && values[0] === "false",
      ),
  );
  const ways = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
  return [
    ...(block === undefined
      ? [found(bucket, "@", "expected a public access block")]
      : ways.flatMap((way) => expectThat(view, block, way, (value) => value === true, "expected true"))),
    ...(tls ? [] : [found(bucket, "@", "expected a policy that denies requests without TLS")]),
    ...(/public/.test(written(raw(bucket, "acl")) ?? "") ? [found(bucket, "acl", "expected no public ACL")] : []),
  ];
}
