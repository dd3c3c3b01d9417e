import { OPERATIONS } from "@backend/core/operations";
import { PROMISES } from "@backend/testing/recorded-promises";

import { descriptionOf } from "../src/described";
import type { Mutant } from "./mutants";

/** Mutants that no rule finds, and why none has to. */
export interface Survivors {
  /** `Mutant.where` of each. */
  where: string[];
  /** `Mutant.how`; every one without. */
  how?: string[];
  /** Names of resources; all without. */
  names?: string[];
  reason: string;
}

const of = (type: string, ...paths: string[]) => paths.map((path) => `${type} ${path}`);

const SURVIVORS: Survivors[] = [
  {
    where: ["stage tags.owner", "stage tags.cost-center", "stage tags.repository"],
    how: ["changed"],
    reason: "Whose it is and who pays for it is the team's to say: any value will do.",
  },
  {
    where: [
      ...of("aws:apigatewayv2/api:Api", "inputs.name"),
      ...of("aws:apigatewayv2/authorizer:Authorizer", "inputs.name"),
      ...of("aws:cloudwatch/logMetricFilter:LogMetricFilter", "inputs.name"),
      ...of("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "inputs.name"),
      ...of("aws:cloudwatch/metricAlarm:MetricAlarm", "inputs.name", "inputs.metricQueries.*.label"),
      ...of("aws:cognito/resourceServer:ResourceServer", "inputs.name"),
      ...of("aws:cognito/userPool:UserPool", "inputs.name"),
      ...of("aws:cognito/userPoolClient:UserPoolClient", "inputs.name"),
      ...of("aws:iam/role:Role", "inputs.name", "inputs.inlinePolicies.*.name"),
      ...of("aws:iam/role:Role", "inputs.inlinePolicies.*.policy.Statement.*.Sid"),
      ...of("aws:scheduler/schedule:Schedule", "inputs.name"),
      ...of("aws:sns/topic:Topic", "inputs.name"),
      ...of("aws:sns/topicPolicy:TopicPolicy", "inputs.policy.Statement.*.Sid"),
      ...of("aws:sqs/queue:Queue", "inputs.name"),
    ],
    reason: "A name: what uses it refers to the resource, so nothing is let in and nothing is lost.",
  },
  {
    where: of("aws:dynamodb/table:Table", "inputs.name"),
    reason: "A name that nothing outside the deployment asks for.",
  },
  {
    where: of(
      "aws:iam/role:Role",
      ...["", ".Effect", ".Action.*", ".Resource.*"].map((name) => `inputs.inlinePolicies.*.policy.Statement.*${name}`),
    ),
    how: ["deleted", "set to Deny"],
    reason: "A function may do less: it fails, and its alarm tells.",
  },
  {
    where: of(
      "aws:apigatewayv2/stage:Stage",
      ...["throttlingBurstLimit", "throttlingRateLimit"].map((name) => `inputs.defaultRouteSettings.${name}`),
    ),
    how: ["set to 1"],
    reason: "Stricter: callers get 429, and the alarm on throttled requests tells.",
  },
  {
    where: [
      ...of("aws:apigatewayv2/stage:Stage", "inputs.description"),
      ...of("aws:cloudwatch/metricAlarm:MetricAlarm", "inputs.alarmDescription"),
      ...of("aws:cognito/resourceServer:ResourceServer", "inputs.scopes.*.scopeDescription"),
      ...of("aws:cognito/userGroup:UserGroup", "inputs.description"),
      ...of("aws:lambda/function:Function", "inputs.description"),
    ],
    reason: "A sentence for people.",
  },
  {
    where: [
      ...of("aws:cloudwatch/logMetricFilter:LogMetricFilter", "inputs.metricTransformation.unit"),
      ...of("aws:cloudwatch/metricAlarm:MetricAlarm", "inputs.actionsEnabled", "inputs.metricQueries.*.returnData"),
      ...of("aws:dynamodb/table:Table", "inputs.localSecondaryIndexes", "inputs.streamEnabled"),
      ...of("aws:lambda/function:Function", "inputs.packageType"),
      ...of("aws:scheduler/schedule:Schedule", "inputs.state"),
      ...of("aws:sqs/queue:Queue", "inputs.delaySeconds", "inputs.fifoQueue"),
    ],
    how: ["deleted"],
    reason: "AWS's default is what was stated.",
  },
  {
    where: of("aws:apigatewayv2/api:Api", "inputs.corsConfiguration"),
    how: ["deleted"],
    reason: "Without CORS no page of another origin reads an answer: closed.",
  },
  {
    where: of("aws:dynamodb/table:Table", "inputs.globalSecondaryIndexes"),
    how: ["deleted empty list"],
    reason: "An empty list.",
  },
  {
    where: of(
      "aws:dynamodb/table:Table",
      ...["inputs.attributes", "inputs.attributes.*", "inputs.attributes.*.name", "inputs.attributes.*.type"],
      ...["inputs.hashKey", "inputs.rangeKey", "inputs.globalSecondaryIndexes.*.hashKey"],
      ...["inputs.globalSecondaryIndexes.*.rangeKey", "inputs.globalSecondaryIndexes.*.projectionType"],
    ),
    reason: "AWS refuses the table: keys and attributes have to agree, a projection to be one of three.",
  },
  {
    where: of(
      "aws:dynamodb/table:Table",
      ...["inputs.globalSecondaryIndexes.*.nonKeyAttributes", "inputs.globalSecondaryIndexes.*.nonKeyAttributes.*"],
    ),
    reason: "What a list of events shows, which infra/audit.ts takes from the list in packages/core.",
  },
  {
    where: [
      ...of("aws:scheduler/schedule:Schedule", "inputs.flexibleTimeWindow", "inputs.flexibleTimeWindow.mode"),
      ...of("aws:scheduler/schedule:Schedule", "inputs.target.input", "inputs.target.retryPolicy"),
      ...of("aws:scheduler/schedule:Schedule", "inputs.target.retryPolicy.maximumRetryAttempts"),
    ],
    reason: "When within the hour, with what input and how often it is tried: the next run does what one left undone.",
  },
  {
    where: of(
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      ...["inputs.evaluateLowSampleCountPercentiles", "inputs.evaluationPeriods", "inputs.threshold"],
    ),
    reason: "The alarm rings sooner, or with fewer requests: a matter of taste, stated in infra/stage.ts.",
  },
  {
    where: of(
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      ...["inputs.metricQueries.*.id", "inputs.metricQueries.*.metric.dimensions.Stage"],
    ),
    how: ["deleted"],
    reason:
      "The share of errors is taken of all stages' requests, of which there is one; a query without an id is refused.",
  },
  {
    where: of(
      "aws:lambda/function:Function",
      ...["inputs.ephemeralStorage", "inputs.ephemeralStorage.size", "inputs.publish"],
    ),
    reason: "Space that no function uses, and numbered versions that nothing refers to.",
  },
  {
    where: of("aws:lambda/function:Function", "inputs.handler"),
    reason: "The bundle has the one handler: the function does not start, and its alarm tells.",
  },
  {
    where: of(
      "aws:lambda/function:Function",
      ...["inputs.environment.variables.SST_RESOURCE_App", "inputs.environment.variables.SST_RESOURCE_App.name"],
      ...["inputs.environment.variables.SST_RESOURCE_App.stage", "inputs.environment.variables.AUTH_URL"],
      ...["inputs.environment", "inputs.environment.variables"],
    ),
    reason:
      "What the public function tells callers of the API's address and sign-in page, and SST's own note, which nothing reads.",
  },
  {
    where: of(
      "aws:lambda/function:Function",
      ...Object.keys({ ...OPERATIONS, ...PROMISES.operations }).map(
        (key) => `inputs.environment.variables.FUNCTION_LOG_GROUPS.${key}`,
      ),
      "inputs.environment.variables.FUNCTION_LOG_GROUPS.ANY /SecureBackendFunction",
    ),
    how: ["deleted"],
    reason:
      "What a function logged for one route is not told: whoever asks is told so, and reads the log group itself.",
  },
  {
    where: of(
      "aws:cognito/userPool:UserPool",
      ...["inputs.emailConfiguration", "inputs.emailConfiguration.emailSendingAccount"],
      "inputs.accountRecoverySetting.recoveryMechanisms.*.priority",
    ),
    reason: "Which of one ways to recover an account comes first, and whose mail server writes.",
  },
  {
    where: of("aws:cognito/userPool:UserPool", "inputs.passwordPolicy.temporaryPasswordValidityDays"),
    how: ["set to 1"],
    reason: "Stricter.",
  },
  {
    where: of("aws:cognito/userPool:UserPool", "inputs.userPoolAddOns", "inputs.userPoolAddOns.advancedSecurityMode"),
    reason: "Found in the graph as it is already, and waived.",
  },
  {
    where: of("aws:apigatewayv2/integration:Integration", "dependsOn"),
    reason: "The permission comes a moment after the route: a first deployment may answer 500 until it is there.",
  },
  {
    where: [
      ...of("aws:apigatewayv2/authorizer:Authorizer", "ignoreChanges"),
      ...of("aws:cloudwatch/logGroup:LogGroup", "ignoreChanges"),
      ...of("aws:iam/role:Role", "ignoreChanges"),
    ],
    reason: "SST's own: a name that it changed is not put back.",
  },
  {
    where: of("aws:sqs/queue:Queue", "inputs.contentBasedDeduplication", "inputs.visibilityTimeoutSeconds"),
    reason: "How a dead letter is handed to the person who replays it.",
  },
  {
    where: of(
      "aws:apigatewayv2/api:Api",
      ...["allowHeaders", "allowHeaders.*", "allowMethods", "allowMethods.*", "allowOrigins", "allowOrigins.*"].map(
        (name) => `inputs.corsConfiguration.${name}`,
      ),
      ...["exposeHeaders", "exposeHeaders.*", "maxAge"].map((name) => `inputs.corsConfiguration.${name}`),
      "inputs.corsConfiguration",
    ),
    reason:
      "A page may do less, or other things without a wildcard: what the console needs, its own tests in a browser say.",
  },
  {
    where: of(
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
    reason: "CloudFront refuses it, or reaches nobody, or takes its default: nothing is answered that was not before.",
  },
  {
    where: of(
      "aws:cloudfront/distribution:Distribution",
      "inputs.viewerCertificate",
      "inputs.viewerCertificate.cloudfrontDefaultCertificate",
    ),
    reason: "Found in the graph as it is already, and waived.",
  },
  {
    where: of(
      "aws:cloudfront/distribution:Distribution",
      ...["allowedMethods", "allowedMethods.*", "cachedMethods", "cachedMethods.*", "compress", "defaultTtl"].map(
        (name) => `inputs.defaultCacheBehavior.${name}`,
      ),
    ),
    reason:
      "CloudFront takes three sets of methods only; nothing is cached whatever the methods, and the API has routes for what it answers.",
  },
  {
    where: of(
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
      "Of the console's distribution, whose headers and files the tests of infra/components/console-site.ts pin; or the API does not get the header that it asks for a token in: closed.",
  },
  {
    where: [
      ...of("aws:cloudwatch/logGroup:LogGroup", "inputs.name", "provider"),
      ...of("aws:wafv2/webAcl:WebAcl", "provider", "inputs.scope", "inputs.name"),
      ...of("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "provider"),
    ],
    names: ["EdgeWafLogGroup", "EdgeWaf", "EdgeWafLogging"],
    reason: "AWS refuses what is not of us-east-1 and named aws-waf-logs-.",
  },
  {
    where: of(
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
    reason:
      "People may do less, or come back to one page less; a client that has a secret is one that no page can use.",
  },
  {
    where: of("aws:lambda/function:Function", "inputs.environment.variables.BASE_PATH"),
    reason: "What the public function tells callers of the API's address.",
  },
  {
    where: of("aws:lambda/function:Function", "inputs.environment.variables.ORIGIN_SECRETS"),
    how: ["changed"],
    reason: "The second secret, which nobody sends unless the first is being replaced.",
  },
  {
    where: [
      ...of("aws:s3/bucket:Bucket", "ignoreChanges", "inputs.bucket", "inputs.forceDestroy"),
      ...of("aws:s3/bucketPolicy:BucketPolicy", "dependsOn"),
    ],
    reason: "The site's files, which the next deployment writes again.",
  },
  {
    where: of(
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
      "S3 refuses it, or the site is not served; or it is the statement that denies requests without TLS, widened or of fewer actions: the bucket stays closed to the public.",
  },
  {
    where: of(
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
      "WAF refuses it, or counts and shows less; rules run in another order, or large bodies are blocked where they were counted: stricter.",
  },
  {
    where: of(
      "aws:wafv2/webAcl:WebAcl",
      ...["", ".requestBodies", ".requestBodies.*", ".requestBodies.*.cloudfront"].map(
        (name) => `inputs.associationConfig${name}`,
      ),
      "inputs.associationConfig.requestBodies.*.cloudfront.defaultSizeInspectionLimit",
    ),
    reason: "WAF reads less of a body, and the rules on bodies only count.",
  },
  {
    where: of("aws:cloudfront/distribution:Distribution", "dependsOn"),
    reason: "For a moment of one deployment a function may not know the new secret yet: it refuses.",
  },
  {
    where: of("aws:wafv2/webAcl:WebAcl", "inputs.rules.*.statement.rateBasedStatement.limit"),
    how: ["set to 1"],
    reason: "Refused: WAF's least limit is 10.",
  },
  {
    where: of("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "inputs.logDestinationConfigs.*"),
    how: ["swapped"],
    reason: "Refused: the log group of a web ACL is named aws-waf-logs-.",
  },
  {
    where: [
      ...of("aws:cloudfront/function:Function", "inputs.name", "inputs.runtime", "ignoreChanges"),
      ...of("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "inputs.name", "inputs.comment"),
    ],
    reason: "A name, or a runtime that CloudFront refuses; SST lets a name be that it changed.",
  },
  {
    where: of(
      "aws:cloudfront/function:Function",
      ...["inputs.code", "inputs.keyValueStoreAssociations", "inputs.keyValueStoreAssociations.*"],
    ),
    names: ["ConsoleCloudfrontFunctionRequest"],
    reason: "SST's function that finds the console's files: without it, or its store, the console is not served.",
  },
  {
    where: of("aws:cloudfront/function:Function", "inputs.keyValueStoreAssociations"),
    how: ["deleted empty list"],
    reason: "An empty list of stores.",
  },
  {
    where: of(
      "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      ...["", ".items", ".items.*", ".items.*.header", ".items.*.override", ".items.*.value"].map(
        (name) => `inputs.customHeadersConfig${name}`,
      ),
    ),
    reason:
      "Headers that keep the console's window and files from other pages' reach: its policy and frame options, which are judged, are what keeps scripts and frames out.",
  },
  {
    where: of(
      "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      "inputs.securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec",
    ),
    how: ["set to 1000000000"],
    reason: "TLS is remembered for longer: stricter.",
  },
  {
    where: of(
      "command:local:Command",
      ...["inputs.addPreviousOutputInEnv", "inputs.create", "inputs.dir", "inputs.environment", "inputs.update"],
    ),
    reason: "The console is not built, or in another folder of the project: the deployment stops.",
  },
  {
    where: ["sst:sst:Secret "],
    reason: "The deployment stops without it.",
  },
];

const COMPONENT: Survivors = {
  where: [],
  reason: "A component of SST: a name that its resources have in common, of which AWS knows nothing.",
};

/** The entry that excuses a mutant; undefined where a rule should have found it. */
export function excuseOf({ where, how, name }: Mutant): Survivors | undefined {
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
