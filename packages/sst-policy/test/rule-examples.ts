import type { Graph, Resource, Value } from "@backend/sst-graph/graph";

/** Resources that keep a rule and resources that break it, each added to those of prod. */
export interface Example {
  rule: string;
  title: string;
  keeps: Resource[];
  breaks: Resource[];
}

type Inputs = Record<string, Value>;

const resource = (type: string, name: string, inputs: Inputs, more: Partial<Resource> = {}): Resource => ({
  ...{ urn: `urn:pulumi:prod::app::${type}::${name}`, type, name, inputs },
  ...more,
});
const ref = ({ urn }: Resource, output: string): Value => ({ ref: `${urn}#${output}` });
const json = (...Statement: Value[]): Value => ({ json: { Version: "2012-10-17", Statement } });

const role = (name: string, statement: Inputs, inputs: Inputs = {}) =>
  resource("aws:iam/role:Role", name, {
    assumeRolePolicy: json({ Effect: "Allow", Action: "sts:AssumeRole", ...statement }),
    ...inputs,
  });
const byService = { Principal: { Service: "scheduler.amazonaws.com" } };
const may = (action: string) => ({
  inlinePolicies: [{ name: "may", policy: json({ Effect: "Allow", Action: [action], Resource: ["*"] }) }],
});

const OIDC = "token.actions.githubusercontent.com";
const byGithub = (...subject: string[]) => ({
  Action: "sts:AssumeRoleWithWebIdentity",
  Principal: { Federated: `arn:aws:iam::000000000000:oidc-provider/${OIDC}` },
  Condition: { StringEquals: { [`${OIDC}:aud`]: "sts.amazonaws.com", [`${OIDC}:sub`]: subject } },
});

const key = (inputs: Inputs, more?: Partial<Resource>) => resource("aws:kms/key:Key", "Key", inputs, more);
const letIn = (service: string) => ({
  policy: json({
    Effect: "Allow",
    Principal: { Service: service },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
  }),
});
const alarm = (inputs: Inputs) => resource("aws:cloudwatch/metricAlarm:MetricAlarm", "MoreAlarm", inputs);
const topic = (inputs: Inputs) => resource("aws:sns/topic:Topic", "MoreAlarms", inputs);
const subscription = (to: Resource) =>
  resource("aws:sns/topicSubscription:TopicSubscription", "Recipient", { topic: ref(to, "arn"), protocol: "email" });
const table = (inputs: Inputs) => resource("aws:dynamodb/table:Table", "More", { name: "More-prod", ...inputs });
const backup = (of: Resource) =>
  resource("aws:backup/selection:Selection", "Selection", { resources: [ref(of, "arn")] });
const group = (days: number) =>
  resource("aws:cloudwatch/logGroup:LogGroup", "MoreLogGroup", { name: "/more", retentionInDays: days });
const pool = (mode: string) =>
  resource("aws:cognito/userPool:UserPool", "MorePool", { userPoolAddOns: { advancedSecurityMode: mode } });
const lambda = (variables: Inputs) =>
  resource("aws:lambda/function:Function", "MoreFunction", { environment: { variables } });
const machineClient = (allowedOauthScopes: string[]) =>
  resource("aws:cognito/userPoolClient:UserPoolClient", "More", {
    allowedOauthFlows: ["client_credentials"],
    allowedOauthScopes,
  });
const secret = resource("aws:secretsmanager/secret:Secret", "Secret", {});

const api = (inputs: Inputs) => resource("aws:apigatewayv2/api:Api", "MoreApi", { protocolType: "HTTP", ...inputs });
const stage = (inputs: Inputs) => resource("aws:apigatewayv2/stage:Stage", "MoreStage", { name: "prod", ...inputs });
const cors = (...allowOrigins: string[]) => api({ corsConfiguration: { allowOrigins, allowMethods: ["GET"] } });
const domain = (securityPolicy: string) =>
  resource("aws:apigatewayv2/domainName:DomainName", "Domain", { domainNameConfiguration: { securityPolicy } });
const mapping = (to: Resource) =>
  resource("aws:apigatewayv2/apiMapping:ApiMapping", "Mapping", { apiId: ref(to, "id"), stage: "prod" });

const CDN = "aws:cloudfront/distribution:Distribution";
const cdn = (inputs: Inputs) => resource(CDN, "Cdn", inputs);
const origin = (protocol: string, tls: string) => ({
  viewerCertificate: { minimumProtocolVersion: "TLSv1.2_2021" },
  origins: [{ customOriginConfig: { originProtocolPolicy: protocol, originSslProtocols: [tls] } }],
});
const loggedTo = (bucket: Value) => ({ loggingConfig: { bucket } });
const notCached = (...codes: number[]) => ({
  customErrorResponses: codes.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
});
const acl = (...rules: Inputs[]) => resource("aws:wafv2/webAcl:WebAcl", "Acl", { rules });
const managed = ["CommonRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet"].map((name) => ({
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { name: `AWSManagedRules${name}`, vendorName: "AWS" } },
}));
const counting = managed.map((rule) => ({ ...rule, overrideAction: { count: {} } }));
const year = { name: "aws-waf-logs-acl", retentionInDays: 365 };
const wafLog = resource("aws:cloudwatch/logGroup:LogGroup", "WafLog", year, { retainOnDelete: true });
const header = (name: string) => ({ singleHeader: { name } });
const aclLog = (redactedFields: Value[]) =>
  resource("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "AclLog", {
    ...{ resourceArn: ref(acl(), "arn"), logDestinationConfigs: [ref(wafLog, "arn")], redactedFields },
  });
const rate = { action: { block: {} }, statement: { rateBasedStatement: { aggregateKeyType: "IP", limit: 2000 } } };

const bucket = resource("aws:s3/bucketV2:BucketV2", "Bucket", {});
const closed = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const block = (ways: Inputs) =>
  resource("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "Block", { bucket: ref(bucket, "id"), ...ways });
const onlyTls = resource("aws:s3/bucketPolicy:BucketPolicy", "OnlyTls", {
  bucket: ref(bucket, "id"),
  policy: json({
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: "*",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  }),
});

const CODES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
const aws = { alias: "alias/aws/sns" };
const rotated = key({ enableKeyRotation: true });
const forAlarms = key({ enableKeyRotation: true, ...letIn("cloudwatch.amazonaws.com") });
const forOthers = key({ enableKeyRotation: true, ...letIn("events.amazonaws.com") });

const example = (rule: string, title: string, keeps: Resource[], breaks: Resource[]): Example => ({
  ...{ rule, title, keeps, breaks },
});

/** Of rules that no mutant of prod breaks, since prod has nothing of the kind, and some more. */
export const EXAMPLES: Example[] = [
  example("cors-closed", "an origin with TLS, and any origin", [cors("https://console.example.com")], [cors("*")]),
  example(
    "cors-closed",
    "an origin with TLS, and one without",
    [cors("https://a.example")],
    [cors("http://a.example")],
  ),
  example(
    "exclusive-scopes",
    "a machine client of one tenant, and of two",
    [machineClient(["tenant/acme"])],
    [machineClient(["tenant/acme", "tenant/globex"])],
  ),
  example(
    "alarm-metric-published",
    "a metric that functions write, with and without a dimension that they do not write",
    [alarm({ namespace: "Shop/prod", metricName: "Denied", dimensions: {} })],
    [alarm({ namespace: "Shop/prod", metricName: "Denied", dimensions: { Tenant: "acme" } })],
  ),
  example(
    "alarm-metric-published",
    "a metric that functions write, and one that nothing does",
    [alarm({ namespace: "Shop/prod", metricName: "Denied", dimensions: { Operation: "place" } })],
    [alarm({ namespace: "Shop/prod", metricName: "Denyed" })],
  ),
  example("cors-closed", "localhost in prod", [], [cors("http://localhost:5173")]),
  example("custom-domain-tls", "TLS 1.2 and TLS 1.0", [domain("TLS_1_2")], [domain("TLS_1_0")]),
  example(
    "custom-domain-tls",
    "the execute-api endpoint disabled and enabled",
    [api({ disableExecuteApiEndpoint: true }), mapping(api({}))],
    [api({}), mapping(api({}))],
  ),
  example(
    "stage-no-route-settings",
    "no route settings and some",
    [stage({ routeSettings: [] })],
    [stage({ routeSettings: [{ routeKey: "GET /" }] })],
  ),
  example(
    "lambda-no-link-key",
    "other variables and the link key",
    [lambda({ A: "b" })],
    [lambda({ SST_KEY: { secret: "Key" } })],
  ),
  example(
    "no-privilege-escalation",
    "reading tables and passing roles",
    [role("R", byService, may("iamx:Get"))],
    [role("R", byService, may("iam:PassRole"))],
  ),
  example(
    "no-long-lived-credentials",
    "a role and an access key",
    [role("R", byService)],
    [resource("aws:iam/accessKey:AccessKey", "K", {})],
  ),
  example(
    "trust-oidc-pinned",
    "one environment and any branch",
    [role("R", byGithub("repo:o/r:environment:prod"))],
    [role("R", byGithub("repo:o/r:*"))],
  ),
  example(
    "trust-oidc-pinned",
    "one repository and a second one",
    [],
    [role("R", byGithub("repo:o/r:environment:prod", "repo:o/r:pull_request"))],
  ),
  example("log-group-year", "365 and 364 days", [group(365)], [group(364)]),
  example(
    "table-key",
    "DynamoDB's own key and one from outside",
    [table({})],
    [table({ serverSideEncryption: { kmsKeyArn: "arn:aws:kms:eu-west-1:1:key/k" } })],
  ),
  example(
    "table-key",
    "a retained key and one that is deleted",
    [key({}, { retainOnDelete: true }), table({ serverSideEncryption: { kmsKeyArn: ref(rotated, "arn") } })],
    [rotated, table({ serverSideEncryption: { kmsKeyArn: ref(rotated, "arn") } })],
  ),
  example("table-backed-up", "in a backup selection and not", [table({}), backup(table({}))], [table({})]),
  example("user-pool-threat-protection", "ENFORCED and AUDIT", [pool("ENFORCED")], [pool("AUDIT")]),
  example(
    "secret-rotated",
    "with a rotation and without",
    [secret, resource("aws:secretsmanager/secretRotation:SecretRotation", "Rotation", { secretId: ref(secret, "id") })],
    [secret],
  ),
  example("key-rotated", "rotation enabled and not set", [rotated], [key({})]),
  example(
    "key-rotated",
    "30 days and 7",
    [key({ enableKeyRotation: true, deletionWindowInDays: 30 })],
    [key({ enableKeyRotation: true, deletionWindowInDays: 7 })],
  ),
  example("topic-key-usable", "no key and the AWS managed key", [topic({})], [topic({ kmsMasterKeyId: aws.alias })]),
  example(
    "topic-key-usable",
    "a key that CloudWatch may use and one that it may not use",
    [forAlarms, topic({ kmsMasterKeyId: ref(forAlarms, "id") })],
    [forOthers, topic({ kmsMasterKeyId: ref(forOthers, "id") })],
  ),
  example("topic-has-subscriber", "a subscriber and none", [topic({}), subscription(topic({}))], [topic({})]),
  example(
    "resource-policy-not-public",
    "a service for this account and for any account",
    [forAlarms],
    [
      key({
        policy: json({
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "kms:*",
          Resource: "*",
        }),
      }),
    ],
  ),
  example(
    "cdn-tls",
    "TLS 1.2 and CloudFront's own certificate",
    [cdn(origin("https-only", "TLSv1.2"))],
    [cdn({ viewerCertificate: { cloudfrontDefaultCertificate: true } })],
  ),
  example(
    "cdn-origin-tls",
    "only https, and http too",
    [cdn(origin("https-only", "TLSv1.2"))],
    [cdn(origin("match-viewer", "TLSv1.2"))],
  ),
  example(
    "cdn-origin-tls",
    "TLS 1.2 and 1.1 to origins",
    [cdn(origin("https-only", "TLSv1.2"))],
    [cdn(origin("https-only", "TLSv1.1"))],
  ),
  example(
    "cdn-https",
    "redirect-to-https and allow-all",
    [cdn({ defaultCacheBehavior: { viewerProtocolPolicy: "redirect-to-https" } })],
    [cdn({ defaultCacheBehavior: { viewerProtocolPolicy: "allow-all" } })],
  ),
  example(
    "cdn-errors-not-cached",
    "every error code, and all except 403",
    [cdn(notCached(...CODES))],
    [cdn(notCached(...CODES.filter((code) => code !== 403)))],
  ),
  example("cdn-logging", "with a log and without", [bucket, cdn(loggedTo(ref(bucket, "id")))], [cdn({})]),
  example("cdn-logging", "a bucket of this deployment and another one", [], [cdn(loggedTo("logs.s3.amazonaws.com"))]),
  example(
    "cdn-firewall",
    "a web ACL of this deployment and none",
    [acl(), cdn({ webAclId: ref(acl(), "arn") })],
    [acl(), cdn({})],
  ),
  example(
    "firewall-managed-rules",
    "both rules blocking, and the managed rules counting",
    [acl(...managed, rate)],
    [acl(...counting, rate)],
  ),
  example("firewall-managed-rules", "both rules, and no rate limit", [acl(...managed, rate)], [acl(...managed)]),
  example(
    "firewall-logging",
    "with a log and without",
    [acl(), wafLog, aclLog([{ queryString: {} }, ...["cookie", "authorization"].map(header)])],
    [acl()],
  ),
  example(
    "firewall-logging",
    "without tokens and with them",
    [acl(), wafLog, aclLog([{ queryString: {} }, ...["cookie", "authorization"].map(header)])],
    [acl(), wafLog, aclLog([{ queryString: {} }, header("cookie")])],
  ),
  example(
    "bucket-closed",
    "all four settings and three",
    [bucket, block(closed), onlyTls],
    [bucket, block({ ...closed, restrictPublicBuckets: false }), onlyTls],
  ),
  example(
    "bucket-closed",
    "with and without a TLS requirement",
    [bucket, block(closed), onlyTls],
    [bucket, block(closed)],
  ),
  example(
    "type-judged",
    "a known type and a new one",
    [bucket],
    [resource("aws:ec2/instance:Instance", "Machine", {})],
  ),
  example(
    "no-secret-value",
    "a secret's name and its value",
    [lambda({ API_KEY: { secret: "ApiKey" } })],
    [lambda({ API_KEY: "hunter2" })],
  ),
  // AWS's own example key: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
  example("no-secret-value", "an access key in any text", [], [lambda({ ID: "AKIAIOSFODNN7EXAMPLE" })]),
];

/** The graph with an example's resources, which replace those of the same URN. */
export function withResources(graph: Graph, extra: Resource[]): Graph {
  const urns = new Set(extra.map(({ urn }) => urn));
  return { ...graph, resources: [...graph.resources.filter(({ urn }) => !urns.has(urn)), ...extra] };
}
