import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf } from "../kit/json";
import { timeZoneGap } from "../lambda/function-config";
import { periodOf } from "../schedule/schedules";

/** Something that a graph declares and that is not simulated. */
export interface Gap {
  what: string;
  why: string;
  /** True if the table does not list the type or the input. */
  unknown?: true;
}

export type Reason = (value: Plain, resource: ResolvedResource, edgeUrn?: string) => Gap | undefined;

/**
 * How each input of a resource type is handled. `true`: it is simulated, or makes no difference at
 * run time. `string[]`: the members of the input for which that is so. A function returns the gap to
 * report.
 */
type Inputs = Record<string, true | string[] | Reason>;

const not =
  (what: string, why: string): Reason =>
  () => ({ what, why });

const PERMISSIONS = not("resource policies", "API Gateway invokes every function that a route leads to");
const EDGE = not(
  "edge",
  "the distribution in front of the API is simulated with its function and its headers, but without WAF, cache and TLS",
);
const DOMAIN = not("domain names", "the API answers on this machine under any name, without TLS");
const ALARMS = not("alarms", "there are no metrics: see GET /traffic");
const SITE = not("site", "the console is served by this process, not by a bucket and a distribution");
const CLOUDFRONT: Reason = (value, resource) => (isOfSite(resource) ? SITE : EDGE)(value, resource);
const DISTRIBUTION: Reason = (value, resource, edgeUrn) => {
  if (isOfSite(resource) || resource.urn === edgeUrn) return CLOUDFRONT(value, resource);
  const why = "its default origin is not the API: requests reach the API directly, without its viewer functions";
  return { what: `distribution ${resource.name}`, why };
};
const USERS = not("users", "there are no accounts: people sign in under any name, with the groups they choose");
const QUEUES = not("queues", "messages are written to files: nothing receives them, and they never expire");

/** By resource type. */
export const COVERAGE: Record<string, Inputs | Reason> = {
  "aws:apigatewayv2/api:Api": {
    name: true,
    description: true,
    protocolType: true,
    disableExecuteApiEndpoint: true, // its domain's mapping is the only way in then, here too
    corsConfiguration: ["allowCredentials", "allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders", "maxAge"],
  },
  "aws:acm/certificate:Certificate": DOMAIN,
  "aws:acm/certificateValidation:CertificateValidation": DOMAIN,
  "aws:apigatewayv2/apiMapping:ApiMapping": { apiId: true, apiMappingKey: true, domainName: true, stage: true },
  "aws:apigatewayv2/domainName:DomainName": DOMAIN,
  "aws:apigatewayv2/authorizer:Authorizer": {
    apiId: true,
    authorizerType: true,
    identitySources: true,
    jwtConfiguration: ["audiences", "issuer"],
    name: true,
  },
  "aws:apigatewayv2/stage:Stage": {
    accessLogSettings: ["destinationArn", "format"],
    apiId: true,
    autoDeploy: deployment,
    defaultRouteSettings: ["throttlingBurstLimit", "throttlingRateLimit"],
    description: true,
    name: true,
  },
  "aws:apigatewayv2/route:Route": {
    apiId: true,
    authorizationScopes: true,
    authorizationType: true,
    authorizerId: true,
    routeKey: true,
    target: true,
  },
  "aws:apigatewayv2/integration:Integration": {
    apiId: true,
    integrationType: true,
    integrationUri: true,
    payloadFormatVersion: true,
    timeoutMilliseconds: true,
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    name: true,
    retentionInDays: not("log retention", "log events are never deleted: remove the folder .offline"),
  },
  "aws:lambda/function:Function": {
    architectures: architecture,
    deadLetterConfig: ["targetArn"],
    description: true,
    environment: timeZone,
    ephemeralStorage: storage,
    handler: true,
    loggingConfig: ["applicationLogLevel", "logFormat", "logGroup"],
    memorySize: true,
    name: true,
    packageType: true,
    publish: true,
    role: true,
    runtime,
    s3Bucket: true, // code comes from the sources here, not from a bucket
    s3Key: true,
    timeout: true,
  },
  // The upload of code and of a site's files.
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    bucket: true,
    cacheControl: true,
    content: true,
    contentType: true,
    key: true,
    source: true,
  },
  // The key of SST's encrypted links: no function links anything.
  "random:index/randomBytes:RandomBytes": { length: true },
  "aws:route53/record:Record": DOMAIN,
  "aws:cloudfront/cachePolicy:CachePolicy": EDGE,
  "aws:cloudfront/distribution:Distribution": DISTRIBUTION,
  "aws:cloudfront/function:Function": CLOUDFRONT,
  "aws:cloudfront/keyValueStore:KeyValueStore": CLOUDFRONT,
  "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": CLOUDFRONT,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": CLOUDFRONT,
  "aws:cloudwatch/queryDefinition:QueryDefinition": not(
    "saved queries",
    "there is no Logs Insights: read the log files with jq",
  ),
  "aws:cloudwatch/dashboard:Dashboard": ALARMS,
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": ALARMS,
  "aws:cloudwatch/metricAlarm:MetricAlarm": ALARMS,
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {
    destinationArn: true,
    filterPattern: true,
    logGroup: true,
    name: true,
  },
  "aws:cognito/resourceServer:ResourceServer": { identifier: true, name: true, scopes: true, userPoolId: true },
  "aws:cognito/userGroup:UserGroup": { description: true, name: true, userPoolId: true },
  "aws:cognito/userPool:UserPool": {
    name: true,
    // Accounts, passwords and mails are not simulated; one gap reports them all.
    accountRecoverySetting: USERS,
    adminCreateUserConfig: USERS,
    aliasAttributes: USERS,
    autoVerifiedAttributes: USERS,
    deletionProtection: true, // says what AWS refuses to delete
    emailConfiguration: USERS,
    mfaConfiguration: USERS,
    passwordPolicy: USERS,
    softwareTokenMfaConfiguration: USERS,
    userPoolAddOns: USERS,
    usernameAttributes: USERS,
    usernameConfiguration: USERS,
    verificationMessageTemplate: USERS,
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    accessTokenValidity: true,
    allowedOauthFlows: true,
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthScopes: true,
    callbackUrls: true,
    enableTokenRevocation: true,
    explicitAuthFlows: true, // none but the token endpoint's is here
    generateSecret: true,
    idTokenValidity: true,
    logoutUrls: true,
    name: true,
    preventUserExistenceErrors: USERS,
    refreshTokenValidity: true,
    supportedIdentityProviders: true,
    tokenValidityUnits: ["accessToken", "idToken", "refreshToken"],
    userPoolId: true,
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": { domain: true, userPoolId: true },
  "aws:dynamodb/table:Table": {
    attributes: true,
    billingMode: true,
    deletionProtectionEnabled: true, // tables cannot be deleted by a call here
    globalSecondaryIndexes: true,
    hashKey: true,
    localSecondaryIndexes: true,
    name: true,
    pointInTimeRecovery: backups,
    rangeKey: true,
    serverSideEncryption: not("encryption at rest", "items are in files that every user of this machine can read"),
    streamEnabled: streams,
    streamViewType: true,
    ttl: not("expiry of items", "items are not deleted when they expire"),
  },
  "aws:iam/role:Role": {
    assumeRolePolicy: true, // who may take the role on: a function is given it here
    inlinePolicies: true,
    managedPolicyArns: true,
    name: true,
  },
  "aws:lambda/permission:Permission": PERMISSIONS,
  "aws:s3/bucket:Bucket": SITE,
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": SITE,
  "aws:s3/bucketPolicy:BucketPolicy": SITE,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": SITE,
  "aws:scheduler/schedule:Schedule": {
    flexibleTimeWindow: ["mode"],
    name: true,
    scheduleExpression: expression,
    state: true,
    target: ["arn", "input", "retryPolicy", "roleArn"],
  },
  "aws:sqs/queue:Queue": {
    contentBasedDeduplication: QUEUES,
    delaySeconds: QUEUES,
    fifoQueue: QUEUES,
    maxMessageSize: true,
    messageRetentionSeconds: QUEUES,
    name: true,
    sqsManagedSseEnabled: QUEUES,
    visibilityTimeoutSeconds: QUEUES,
  },
  "aws:sns/topic:Topic": ALARMS,
  "aws:sns/topicPolicy:TopicPolicy": ALARMS,
  "aws:sns/topicSubscription:TopicSubscription": ALARMS,
  "aws:wafv2/webAcl:WebAcl": EDGE,
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": EDGE,
  "command:local:Command": SITE,
  "pulumi-nodejs:dynamic:Resource": SITE,
  "pulumi:providers:aws": { region: true, skipCredentialsValidation: true, skipRegionValidation: true },
};

/** True for parts of a static site, and for what this project adds to the console's site. */
function isOfSite({ urn, name }: ResolvedResource): boolean {
  return urn.includes("sst:aws:StaticSite$") || name.startsWith("Console");
}

function deployment(value: Plain): Gap | undefined {
  if (value === true) return undefined;
  return {
    what: "deployments",
    why: "the stage has no auto-deploy: AWS serves its last deployment, offline serves what is declared",
  };
}

function architecture(value: Plain): Gap | undefined {
  const [wanted] = Array.isArray(value) ? value : [];
  const here = process.arch === "x64" ? "x86_64" : process.arch;
  if (wanted === here) return undefined;
  return { what: "architecture", why: `functions are declared for ${wanted} and run on ${here}` };
}

function expression(value: Plain): Gap | undefined {
  if (periodOf(String(value)) !== undefined) return undefined;
  return { what: "schedules", why: `${value} runs no function: only rate(...) does` };
}

function timeZone(value: Plain, { name }: ResolvedResource): Gap | undefined {
  const { variables, ...others } = objectOf(value);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { what: `${name}.environment.${unknown}`, why: "not simulated", unknown: true };
  const { TZ } = objectOf(variables);
  const gap = timeZoneGap(typeof TZ === "string" ? { TZ } : {});
  return gap === undefined ? undefined : { what: "time zones", why: `"${name}" declares ${gap}` };
}

function runtime(value: Plain): Gap | undefined {
  const wanted = /^nodejs(\d+)/.exec(String(value))?.[1];
  const here = process.versions.node.split(".", 1)[0];
  if (wanted === here) return undefined;
  return { what: "runtime", why: `functions are declared for ${value} and run on Node.js ${process.versions.node}` };
}

function backups(value: Plain): Gap | undefined {
  if (objectOf(value).enabled !== true) return undefined;
  return { what: "backups", why: "a table cannot be restored to an earlier time: copy the folder .offline" };
}

function streams(value: Plain): Gap | undefined {
  return value === true ? { what: "streams", why: "changes of a table run no functions" } : undefined;
}

function storage(value: Plain): Gap | undefined {
  return {
    what: "ephemeral storage",
    why: `/tmp is this machine's, not ${objectOf(value).size} MB of each environment`,
  };
}
