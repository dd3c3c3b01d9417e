import { OPERATIONS } from "@backend/core/operations";
import { PROMISES } from "@backend/testing/recorded-promises";

import { descriptionOf } from "../src/described";
import type { Mutant } from "./mutants";

/** Mutants that no rule finds, and the reason why no rule has to. */
export interface Survivors {
  /** Values of `Mutant.where`. */
  where: string[];
  /** Values of `Mutant.how`. Without it, all values. */
  how?: string[];
  /** Names of resources. Without it, all resources. */
  names?: string[];
  reason: string;
}

const pathsOf = (type: string, ...paths: string[]) => paths.map((path) => `${type} ${path}`);

const SURVIVORS: Survivors[] = [
  {
    where: ["stage tags.owner", "stage tags.cost-center", "stage tags.repository"],
    how: ["changed"],
    reason: "The team chooses owner, cost centre and repository, so any value is valid.",
  },
  {
    where: [
      ...pathsOf("aws:apigatewayv2/api:Api", "inputs.name"),
      ...pathsOf("aws:apigatewayv2/authorizer:Authorizer", "inputs.name"),
      ...pathsOf("aws:cloudwatch/logMetricFilter:LogMetricFilter", "inputs.name"),
      ...pathsOf("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "inputs.name"),
      ...pathsOf("aws:cloudwatch/metricAlarm:MetricAlarm", "inputs.name", "inputs.metricQueries.*.label"),
      ...pathsOf("aws:cognito/resourceServer:ResourceServer", "inputs.name"),
      ...pathsOf("aws:cognito/userPool:UserPool", "inputs.name"),
      ...pathsOf("aws:cognito/userPoolClient:UserPoolClient", "inputs.name"),
      ...pathsOf("aws:iam/role:Role", "inputs.name", "inputs.inlinePolicies.*.name"),
      ...pathsOf("aws:iam/role:Role", "inputs.inlinePolicies.*.policy.Statement.*.Sid"),
      ...pathsOf("aws:scheduler/schedule:Schedule", "inputs.name"),
      ...pathsOf("aws:sns/topic:Topic", "inputs.name"),
      ...pathsOf("aws:sns/topicPolicy:TopicPolicy", "inputs.policy.Statement.*.Sid"),
      ...pathsOf("aws:sqs/queue:Queue", "inputs.name"),
    ],
    reason: "Only a name. Other resources use references, so a new name opens no access and loses no data.",
  },
  {
    where: pathsOf("aws:dynamodb/table:Table", "inputs.name"),
    reason: "A name that nothing outside the deployment uses.",
  },
  {
    where: pathsOf(
      "aws:iam/role:Role",
      ...["", ".Effect", ".Action.*", ".Resource.*"].map((name) => `inputs.inlinePolicies.*.policy.Statement.*${name}`),
    ),
    how: ["deleted", "set to Deny"],
    reason: "The function has fewer permissions. It fails, and its alarm goes off.",
  },
  {
    where: pathsOf(
      "aws:apigatewayv2/stage:Stage",
      ...["throttlingBurstLimit", "throttlingRateLimit"].map((name) => `inputs.defaultRouteSettings.${name}`),
    ),
    how: ["set to 1"],
    reason: "Stricter. Callers get 429, and the alarm on throttled requests goes off.",
  },
  {
    where: [
      ...pathsOf("aws:apigatewayv2/stage:Stage", "inputs.description"),
      ...pathsOf("aws:cloudwatch/metricAlarm:MetricAlarm", "inputs.alarmDescription"),
      ...pathsOf("aws:cognito/resourceServer:ResourceServer", "inputs.scopes.*.scopeDescription"),
      ...pathsOf("aws:cognito/userGroup:UserGroup", "inputs.description"),
      ...pathsOf("aws:lambda/function:Function", "inputs.description"),
    ],
    reason: "A description for people.",
  },
  {
    where: [
      ...pathsOf("aws:cloudwatch/logMetricFilter:LogMetricFilter", "inputs.metricTransformation.unit"),
      ...pathsOf(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "inputs.actionsEnabled",
        "inputs.metricQueries.*.returnData",
      ),
      ...pathsOf("aws:dynamodb/table:Table", "inputs.localSecondaryIndexes", "inputs.streamEnabled"),
      ...pathsOf("aws:lambda/function:Function", "inputs.packageType"),
      ...pathsOf("aws:scheduler/schedule:Schedule", "inputs.state"),
      ...pathsOf("aws:sqs/queue:Queue", "inputs.delaySeconds", "inputs.fifoQueue"),
    ],
    how: ["deleted"],
    reason: "AWS's default has the same value.",
  },
  {
    where: pathsOf("aws:apigatewayv2/api:Api", "inputs.corsConfiguration"),
    how: ["deleted"],
    reason: "Stricter. Without CORS, no page of another origin can read a response.",
  },
  {
    where: pathsOf("aws:dynamodb/table:Table", "inputs.globalSecondaryIndexes"),
    how: ["deleted empty list"],
    reason: "An empty list.",
  },
  {
    where: pathsOf(
      "aws:dynamodb/table:Table",
      ...["inputs.attributes", "inputs.attributes.*", "inputs.attributes.*.name", "inputs.attributes.*.type"],
      ...["inputs.hashKey", "inputs.rangeKey", "inputs.globalSecondaryIndexes.*.hashKey"],
      ...["inputs.globalSecondaryIndexes.*.rangeKey", "inputs.globalSecondaryIndexes.*.projectionType"],
    ),
    reason: "AWS rejects the table. Keys must match attributes, and there are only three projection types.",
  },
  {
    where: pathsOf(
      "aws:dynamodb/table:Table",
      ...["inputs.globalSecondaryIndexes.*.nonKeyAttributes", "inputs.globalSecondaryIndexes.*.nonKeyAttributes.*"],
    ),
    reason: "The fields in a list of events. infra/audit.ts takes them from packages/core.",
  },
  {
    where: [
      ...pathsOf("aws:scheduler/schedule:Schedule", "inputs.flexibleTimeWindow", "inputs.flexibleTimeWindow.mode"),
      ...pathsOf("aws:scheduler/schedule:Schedule", "inputs.target.input", "inputs.target.retryPolicy"),
      ...pathsOf("aws:scheduler/schedule:Schedule", "inputs.target.retryPolicy.maximumRetryAttempts"),
    ],
    reason: "The minute, input and number of attempts of a run. The next run completes unfinished work.",
  },
  {
    where: pathsOf(
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      ...["inputs.evaluateLowSampleCountPercentiles", "inputs.evaluationPeriods", "inputs.threshold"],
    ),
    reason: "The alarm goes off earlier, or with fewer requests. infra/stage.ts sets these limits.",
  },
  {
    where: pathsOf(
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      ...["inputs.metricQueries.*.id", "inputs.metricQueries.*.metric.dimensions.Stage"],
    ),
    how: ["deleted"],
    reason:
      "The error rate then covers all stages of the API, which has only one. AWS rejects a query " + "without an ID.",
  },
  {
    where: pathsOf(
      "aws:lambda/function:Function",
      ...["inputs.ephemeralStorage", "inputs.ephemeralStorage.size", "inputs.publish"],
    ),
    reason: "Disk space that no function uses, and numbered versions that nothing refers to.",
  },
  {
    where: pathsOf("aws:lambda/function:Function", "inputs.handler"),
    reason: "The bundle has only one handler. The function does not start, and its alarm goes off.",
  },
  {
    where: pathsOf(
      "aws:lambda/function:Function",
      ...["inputs.environment.variables.SST_RESOURCE_App", "inputs.environment.variables.SST_RESOURCE_App.name"],
      ...["inputs.environment.variables.SST_RESOURCE_App.stage", "inputs.environment.variables.AUTH_URL"],
      ...["inputs.environment", "inputs.environment.variables"],
    ),
    reason: "Addresses that the public function shows to callers, and a variable of SST that nothing reads.",
  },
  {
    where: pathsOf(
      "aws:lambda/function:Function",
      ...Object.keys({ ...OPERATIONS, ...PROMISES.operations }).map(
        (key) => `inputs.environment.variables.FUNCTION_LOG_GROUPS.${key}`,
      ),
      "inputs.environment.variables.FUNCTION_LOG_GROUPS.ANY /SecureBackendFunction",
    ),
    how: ["deleted"],
    reason:
      "The API does not show the function log of one route. Its response states this, and the log group " +
      "can still be read.",
  },
  {
    where: pathsOf(
      "aws:cognito/userPool:UserPool",
      ...["inputs.emailConfiguration", "inputs.emailConfiguration.emailSendingAccount"],
      "inputs.accountRecoverySetting.recoveryMechanisms.*.priority",
    ),
    reason: "The order of recovery mechanisms, of which there is one, and the mail server that sends messages.",
  },
  {
    where: pathsOf("aws:cognito/userPool:UserPool", "inputs.passwordPolicy.temporaryPasswordValidityDays"),
    how: ["set to 1"],
    reason: "Stricter.",
  },
  {
    where: pathsOf(
      "aws:cognito/userPool:UserPool",
      "inputs.userPoolAddOns",
      "inputs.userPoolAddOns.advancedSecurityMode",
    ),
    reason: "The unchanged graph already has this finding, and it is waived.",
  },
  {
    where: pathsOf("aws:apigatewayv2/integration:Integration", "dependsOn"),
    reason:
      "The permission is created shortly after the route. During a first deployment, the route may " + "return 500.",
  },
  {
    where: [
      ...pathsOf("aws:apigatewayv2/authorizer:Authorizer", "ignoreChanges"),
      ...pathsOf("aws:cloudwatch/logGroup:LogGroup", "ignoreChanges"),
      ...pathsOf("aws:iam/role:Role", "ignoreChanges"),
    ],
    reason: "SST ignores changes of names that it has changed itself.",
  },
  {
    where: pathsOf("aws:sqs/queue:Queue", "inputs.contentBasedDeduplication", "inputs.visibilityTimeoutSeconds"),
    reason: "Affects only how people receive dead letters to replay them.",
  },
  {
    where: pathsOf(
      "aws:apigatewayv2/api:Api",
      ...["allowHeaders", "allowHeaders.*", "allowMethods", "allowMethods.*", "allowOrigins", "allowOrigins.*"].map(
        (name) => `inputs.corsConfiguration.${name}`,
      ),
      ...["exposeHeaders", "exposeHeaders.*", "maxAge"].map((name) => `inputs.corsConfiguration.${name}`),
      "inputs.corsConfiguration",
    ),
    reason:
      "Pages may do less, or different things without a wildcard. The console's browser tests check " +
      "what it needs.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/distribution:Distribution",
      ...["aliases", "comment", "enabled", "orderedCacheBehaviors", "waitForDeployment", "restrictions"].map(
        (name) => `inputs.${name}`,
      ),
      ...["inputs.restrictions.geoRestriction", "inputs.restrictions.geoRestriction.restrictionType"],
      ...[
        "inputs.origins.*.originId",
        "inputs.defaultCacheBehavior.targetOriginId",
        "inputs.origins",
        "inputs.origins.*",
      ],
      ...["inputs.origins.*.domainName", "inputs.origins.*.customOriginConfig"],
      ...["httpPort", "httpsPort", "originReadTimeout"].map((name) => `inputs.origins.*.customOriginConfig.${name}`),
    ),
    reason:
      "CloudFront rejects the value, cannot reach the origin, or uses its default. No new response " + "is possible.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/distribution:Distribution",
      "inputs.viewerCertificate",
      "inputs.viewerCertificate.cloudfrontDefaultCertificate",
    ),
    reason: "The unchanged graph already has this finding, and it is waived.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/distribution:Distribution",
      ...["allowedMethods", "allowedMethods.*", "cachedMethods", "cachedMethods.*", "compress", "defaultTtl"].map(
        (name) => `inputs.defaultCacheBehavior.${name}`,
      ),
    ),
    reason:
      "CloudFront accepts only three sets of methods. It caches nothing, and the API responds only " + "on its routes.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/distribution:Distribution",
      ...["cachePolicyId", "originRequestPolicyId", "responseHeadersPolicyId"].map(
        (name) => `inputs.defaultCacheBehavior.${name}`,
      ),
      ...["functionAssociations", "functionAssociations.*", "functionAssociations.*.eventType"].map(
        (name) => `inputs.defaultCacheBehavior.${name}`,
      ),
      "inputs.defaultCacheBehavior.functionAssociations.*.functionArn",
    ),
    reason:
      "The tests of infra/components/console-site.ts cover the console's headers and files. For the " +
      "API, the change removes the header with the token, so requests are rejected.",
  },
  {
    where: [
      ...pathsOf("aws:cloudwatch/logGroup:LogGroup", "inputs.name", "provider"),
      ...pathsOf("aws:wafv2/webAcl:WebAcl", "provider", "inputs.scope", "inputs.name"),
      ...pathsOf("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "provider"),
    ],
    names: ["EdgeWafLogGroup", "EdgeWaf", "EdgeWafLogging"],
    reason: "AWS rejects these resources outside us-east-1, and log groups with names other than aws-waf-logs-*.",
  },
  {
    where: pathsOf(
      "aws:cognito/userPoolClient:UserPoolClient",
      ...[
        "allowedOauthScopes.*",
        "callbackUrls.*",
        "generateSecret",
        "logoutUrls",
        "logoutUrls.*",
        "supportedIdentityProviders",
      ].map((name) => `inputs.${name}`),
      ...["inputs.supportedIdentityProviders.*", "inputs.tokenValidityUnits.refreshToken"],
    ),
    reason: "Users may do less, or return to fewer pages. Pages cannot use a client with a secret.",
  },
  {
    where: pathsOf("aws:lambda/function:Function", "inputs.environment.variables.BASE_PATH"),
    reason: "An address that the public function shows to callers.",
  },
  {
    where: pathsOf("aws:lambda/function:Function", "inputs.environment.variables.DEAD_LETTER_QUEUE_URL"),
    how: ["deleted"],
    reason: "The function does not start without it, and its alarm goes off. Lambda itself uses the queue too.",
  },
  {
    where: pathsOf("aws:lambda/function:Function", "inputs.environment.variables.ORIGIN_SECRETS"),
    how: ["changed"],
    reason: "The second secret, which the edge sends only while the first one is replaced.",
  },
  {
    where: [
      ...pathsOf("aws:s3/bucket:Bucket", "ignoreChanges", "inputs.bucket", "inputs.forceDestroy"),
      ...pathsOf("aws:s3/bucketPolicy:BucketPolicy", "dependsOn"),
    ],
    reason: "The files of the site, which the next deployment writes again.",
  },
  {
    where: pathsOf(
      "aws:s3/bucketPolicy:BucketPolicy",
      ...[
        "",
        ".Action",
        ".Action.*",
        ".Effect",
        ".Principal",
        ".Principal.Service",
        ".Principal.Service.*",
        ".Resource",
        ".Resource.*",
      ].map((name) => `inputs.policy.Statement.*${name}`),
      ...[
        "inputs.policy.Statement.*.Condition.ArnLike.aws:SourceArn",
        "inputs.policy.Statement.*.Condition.ArnLike.aws:SourceArn.*",
      ],
    ),
    reason:
      "S3 rejects the policy, or the site is not served. In the statement that denies requests " +
      "without TLS, the change does not make the bucket public.",
  },
  {
    where: pathsOf(
      "aws:wafv2/webAcl:WebAcl",
      ...[
        "inputs.rules.*",
        "inputs.rules.*.name",
        "inputs.rules.*.priority",
        "inputs.rules.*.statement",
        "inputs.rules.*.overrideAction",
      ],
      ...[
        "inputs.rules.*.statement.managedRuleGroupStatement",
        "inputs.rules.*.statement.rateBasedStatement",
        "inputs.defaultAction",
      ],
      ...[
        "inputs.defaultAction.allow",
        "inputs.rules.*.overrideAction.none",
        "inputs.rules.*.statement.managedRuleGroupStatement.name",
      ],
      "inputs.rules.*.statement.managedRuleGroupStatement.vendorName",
      ...["", ".*", ".*.actionToUse", ".*.actionToUse.count", ".*.name"].map(
        (name) => `inputs.rules.*.statement.managedRuleGroupStatement.ruleActionOverrides${name}`,
      ),
      ...["", ".cloudwatchMetricsEnabled", ".metricName", ".sampledRequestsEnabled"].flatMap((name) => [
        `inputs.visibilityConfig${name}`,
        `inputs.rules.*.visibilityConfig${name}`,
      ]),
    ),
    reason:
      "WAF rejects the value, or shows fewer metrics. Otherwise rules run in another order, or " +
      "block large bodies instead of counting them.",
  },
  {
    where: pathsOf(
      "aws:wafv2/webAcl:WebAcl",
      ...["", ".requestBodies", ".requestBodies.*", ".requestBodies.*.cloudfront"].map(
        (name) => `inputs.associationConfig${name}`,
      ),
      "inputs.associationConfig.requestBodies.*.cloudfront.defaultSizeInspectionLimit",
    ),
    reason: "WAF reads a smaller part of bodies, and the rules on bodies only count.",
  },
  {
    where: pathsOf("aws:cloudfront/distribution:Distribution", "dependsOn"),
    reason: "During one deployment, a function may not have the new secret yet and rejects requests.",
  },
  {
    where: pathsOf("aws:wafv2/webAcl:WebAcl", "inputs.rules.*.statement.rateBasedStatement.limit"),
    how: ["set to 1"],
    reason: "AWS rejects it: WAF's lowest limit is 10.",
  },
  {
    where: pathsOf("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "inputs.logDestinationConfigs.*"),
    how: ["swapped"],
    reason: "AWS rejects it: the log group of a web ACL must be named aws-waf-logs-*.",
  },
  {
    where: [
      ...pathsOf("aws:cloudfront/function:Function", "inputs.name", "inputs.runtime", "ignoreChanges"),
      ...pathsOf("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "inputs.name", "inputs.comment"),
    ],
    reason: "A name, or a runtime that CloudFront rejects. SST ignores changes of names.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/function:Function",
      ...["inputs.code", "inputs.keyValueStoreAssociations", "inputs.keyValueStoreAssociations.*"],
    ),
    names: ["ConsoleCloudfrontFunctionRequest"],
    reason: "SST's function that finds the console's files. Without it or its store, the console is not served.",
  },
  {
    where: pathsOf("aws:cloudfront/function:Function", "inputs.keyValueStoreAssociations"),
    how: ["deleted empty list"],
    reason: "An empty list of stores.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      ...["", ".items", ".items.*", ".items.*.header", ".items.*.override", ".items.*.value"].map(
        (name) => `inputs.customHeadersConfig${name}`,
      ),
    ),
    reason:
      "Headers that isolate the console from other pages. Rules check its content security policy " +
      "and frame options, which block scripts and frames.",
  },
  {
    where: pathsOf(
      "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      "inputs.securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec",
    ),
    how: ["set to 1000000000"],
    reason: "Stricter. Browsers require TLS for a longer time.",
  },
  {
    where: pathsOf(
      "command:local:Command",
      ...["inputs.addPreviousOutputInEnv", "inputs.create", "inputs.dir", "inputs.environment", "inputs.update"],
    ),
    reason: "The console is not built, or in another folder of the project. The deployment stops.",
  },
  {
    where: ["sst:sst:Secret "],
    reason: "Without the secret, the deployment stops.",
  },
];

const COMPONENT: Survivors = {
  where: [],
  reason: "An SST component, which only groups resources and does not exist in AWS.",
};

/** Returns the entry that excuses a mutant, or undefined if a rule must find it. */
export function findExcuse({ where, how, name }: Mutant): Survivors | undefined {
  const type = where.split(" ")[0] ?? "";
  if (/^sst:aws:/.test(type)) return where === `${type} ` ? COMPONENT : undefined;
  const description = descriptionOf(type);
  if (description !== undefined && "unjudged" in description)
    return { where: [type], reason: `${type}: ${description.unjudged}.` };
  return SURVIVORS.find(
    (entry) =>
      entry.where.includes(where) &&
      (entry.how?.some((one) => how === one || how.startsWith(`${one} `)) ?? true) &&
      (entry.names?.includes(name) ?? true),
  );
}

export const REASONS: string[] = SURVIVORS.map(({ reason }) => reason);
