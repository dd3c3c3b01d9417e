import type { Resource, Value } from "@backend/sst-graph/graph";
import { isAsset, isJsonText, isObject, isReference, isSecret, unescapeMarker } from "@backend/sst-graph/reference";
import type { Rule } from "./rule";
import { found, isUnknown } from "./view";

/**
 * By type, the properties that somebody has thought about: rules judge them, or they can let nobody in and lose
 * nothing. A path stands for all that is below it, list positions left out.
 */
const PROPERTIES: Record<string, string> = {
  "aws:apigatewayv2/api:Api": `name description protocolType corsConfiguration disableExecuteApiEndpoint version
    routeSelectionExpression apiKeySelectionExpression ipAddressType`,
  "aws:apigatewayv2/stage:Stage": `name description apiId autoDeploy accessLogSettings routeSettings
    defaultRouteSettings.throttlingBurstLimit defaultRouteSettings.throttlingRateLimit
    defaultRouteSettings.detailedMetricsEnabled`,
  "aws:apigatewayv2/route:Route":
    "apiId routeKey target authorizationType authorizationScopes authorizerId operationName",
  "aws:apigatewayv2/authorizer:Authorizer": `name apiId authorizerType identitySources jwtConfiguration authorizerUri
    authorizerPayloadFormatVersion authorizerResultTtlInSeconds enableSimpleResponses`,
  "aws:apigatewayv2/integration:Integration": `apiId description integrationType integrationUri integrationMethod
    payloadFormatVersion connectionType timeoutMilliseconds passthroughBehavior requestParameters responseParameters
    requestTemplates credentialsArn tlsConfig`,
  "aws:lambda/function:Function": `name description architectures deadLetterConfig environment ephemeralStorage handler
    layers loggingConfig memorySize packageType publish reservedConcurrentExecutions role runtime s3Bucket s3Key
    sourceCodeHash timeout`,
  "aws:lambda/permission:Permission": "action function principal sourceArn sourceAccount statementId statementIdPrefix",
  "aws:lambda/functionUrl:FunctionUrl": "functionName authorizationType invokeMode qualifier cors",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": `functionName qualifier destinationConfig
    maximumEventAgeInSeconds maximumRetryAttempts`,
  "aws:lambda/eventSourceMapping:EventSourceMapping": `eventSourceArn functionName batchSize enabled destinationConfig
    bisectBatchOnFunctionError functionResponseTypes maximumBatchingWindowInSeconds maximumRecordAgeInSeconds
    maximumRetryAttempts parallelizationFactor startingPosition scalingConfig`,
  "aws:iam/role:Role":
    "name namePrefix description path assumeRolePolicy inlinePolicies managedPolicyArns permissionsBoundary",
  "aws:cloudwatch/logGroup:LogGroup": "name namePrefix retentionInDays logGroupClass kmsKeyId",
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter":
    "name logGroup destinationArn filterPattern distribution",
  "aws:cloudwatch/metricAlarm:MetricAlarm": `name alarmDescription actionsEnabled alarmActions okActions
    comparisonOperator datapointsToAlarm dimensions evaluateLowSampleCountPercentiles evaluationPeriods
    extendedStatistic metricName metricQueries namespace period statistic threshold treatMissingData`,
  "aws:dynamodb/table:Table": `name billingMode hashKey rangeKey attributes globalSecondaryIndexes localSecondaryIndexes
    ttl pointInTimeRecovery deletionProtectionEnabled serverSideEncryption streamEnabled streamViewType`,
  "aws:cognito/userPool:UserPool": `name accountRecoverySetting adminCreateUserConfig autoVerifiedAttributes
    deletionProtection emailConfiguration.emailSendingAccount lambdaConfig mfaConfiguration passwordPolicy
    smsConfiguration softwareTokenMfaConfiguration userPoolAddOns userPoolTier usernameAttributes
    usernameConfiguration verificationMessageTemplate`,
  "aws:cognito/userPoolClient:UserPoolClient": `name userPoolId accessTokenValidity idTokenValidity refreshTokenValidity
    tokenValidityUnits allowedOauthFlows allowedOauthFlowsUserPoolClient allowedOauthScopes callbackUrls logoutUrls
    defaultRedirectUri enableTokenRevocation explicitAuthFlows generateSecret preventUserExistenceErrors
    supportedIdentityProviders authSessionValidity`,
  "aws:sns/topic:Topic": "name displayName kmsMasterKeyId policy",
  "aws:sns/topicSubscription:TopicSubscription": `topic protocol endpoint filterPolicy filterPolicyScope deliveryPolicy
    endpointAutoConfirms confirmationTimeoutInMinutes`,
  "aws:sqs/queue:Queue": `name contentBasedDeduplication delaySeconds fifoQueue kmsMasterKeyId
    kmsDataKeyReusePeriodSeconds maxMessageSize messageRetentionSeconds policy receiveWaitTimeSeconds redrivePolicy
    redriveAllowPolicy sqsManagedSseEnabled visibilityTimeoutSeconds`,
  "aws:scheduler/schedule:Schedule": `name description groupName scheduleExpression scheduleExpressionTimezone state
    startDate endDate flexibleTimeWindow target.arn target.roleArn target.input target.retryPolicy
    target.deadLetterConfig`,
  "aws:cloudfront/distribution:Distribution": `aliases comment customErrorResponses enabled httpVersion isIpv6Enabled
    loggingConfig origins.customHeaders origins.customOriginConfig origins.domainName origins.originId
    origins.originAccessControlId origins.connectionAttempts origins.connectionTimeout priceClass restrictions
    viewerCertificate waitForDeployment webAclId defaultRootObject
    ${behaviour("defaultCacheBehavior")} ${behaviour("orderedCacheBehaviors")} orderedCacheBehaviors.pathPattern`,
  "aws:wafv2/webAcl:WebAcl": "name description scope defaultAction rules visibilityConfig associationConfig",
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": `resourceArn logDestinationConfigs redactedFields
    loggingFilter`,
  "aws:s3/bucket:Bucket": "bucket bucketPrefix acl forceDestroy policy",
  "aws:s3/bucketV2:BucketV2": "bucket bucketPrefix acl forceDestroy policy",
  "command:local:Command":
    "create update delete dir environment interpreter archivePaths addPreviousOutputInEnv triggers",
};
/** On any type. */
const EVERYWHERE = ["tags", "tagsAll", "region"];
/** What the provider adds is AWS's own default. */
const DEFAULTS = ["path:/", "integrationType:INTERNET"];

export const PROPERTY_RULES: Rule[] = [
  {
    id: "property-judged",
    severity: "low",
    title: "Every property of a resource is one that somebody has thought about",
    reason:
      "A setting that no rule knows passes whatever it is: a network, a replica, a log of bodies, a longer session.",
    fix: "Write a rule for it, or add it to packages/sst-policy/src/properties.ts if it can let nobody in and lose nothing.",
    declaredOnly: true,
    check: ({ graph }) =>
      graph.resources.flatMap((resource) =>
        strangePathsOf(resource).map((path) => found(resource, path, "no rule judges this property")),
      ),
  },
];

const known = new Map(
  Object.entries(PROPERTIES).map(([type, paths]) => [type, new Set([...paths.split(/\s+/), ...EVERYWHERE])]),
);

function behaviour(path: string): string {
  const names = [
    ...["allowedMethods", "cachedMethods", "cachePolicyId", "compress", "defaultTtl", "minTtl", "maxTtl"],
    ...["functionAssociations", "lambdaFunctionAssociations", "originRequestPolicyId", "responseHeadersPolicyId"],
    ...["targetOriginId", "viewerProtocolPolicy"],
  ];
  return names.map((name) => `${path}.${name}`).join(" ");
}

const strangePaths = new WeakMap<Resource, string[]>();

function strangePathsOf(resource: Resource): string[] {
  const paths = strangePaths.get(resource) ?? readStrangePaths(resource);
  strangePaths.set(resource, paths);
  return paths;
}

function readStrangePaths({ type, inputs }: Resource): string[] {
  const judged = known.get(type);
  return judged === undefined ? [] : Object.entries(inputs).flatMap(([key, value]) => strange(judged, key, value));
}

function strange(judged: Set<string>, path: string, value: Value): string[] {
  const place = path.replaceAll(/\.\d+(?=\.|$)/g, "");
  if (judged.has(place) || isNothing(value) || DEFAULTS.includes(`${place}:${value}`)) return [];
  const isPrefix = [...judged].some((one) => one.startsWith(`${place}.`));
  if (!isPrefix) return [path];
  if (Array.isArray(value)) return value.flatMap((item, at) => strange(judged, `${path}.${at}`, item));
  if (value === null || !isObject(value) || isMarker(value)) return [path];
  return Object.entries(unescapeMarker(value)).flatMap(([key, item]) => strange(judged, `${path}.${key}`, item));
}

/** What is empty or off asks AWS for nothing. */
function isNothing(value: Value): boolean {
  if (value === null || value === false || value === "" || value === 0) return true;
  return (
    typeof value === "object" && !isMarker(value) && Object.values(value).every((item) => isNothing(item as Value))
  );
}

function isMarker(value: Value): boolean {
  return isReference(value) || isSecret(value) || isAsset(value) || isJsonText(value) || isUnknown(value);
}
