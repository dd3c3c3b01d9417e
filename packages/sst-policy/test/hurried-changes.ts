import type { Graph, Resource, Value } from "@backend/sst-graph/graph";
import { APP } from "@backend/testing/recorded";

/**
 * A change that a developer makes in a hurry, with the rule that finds it in prod's graph, or the
 * reason why no rule has to.
 */
export interface HurriedChange {
  about: string;
  what: string;
  change: (graph: Graph) => void;
  rule?: string;
  why?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a change reaches into inputs of any shape
type Inputs = any;

const FOREIGN = "999999999999";
const FUNCTION = "RecordEventsFunction";
const STAGE = "SecureBackendAPIStage";
const API = "SecureBackendAPIApi";
const ROUTE = "SecureBackendAPIRouteGetEventsRoute";
const INTEGRATION = "SecureBackendAPIRouteGetEventsIntegration";
const EDGE = "EdgeCdnDistribution";
const SITE = "ConsoleCdnDistribution";

const resourceOf = (graph: Graph, name: string): Resource => {
  const found = graph.resources.find((one) => one.name === name && !one.type.startsWith("sst:"));
  if (found === undefined) throw new Error(`prod has no resource ${name}`);
  return found;
};
const on = (name: string, edit: (inputs: Inputs, resource: Resource) => void) => (graph: Graph) => {
  const resource = resourceOf(graph, name);
  edit(resource.inputs, resource);
};
const set = (name: string, inputs: Record<string, Value>) => on(name, (before) => Object.assign(before, inputs));
const variable = (name: string, value: string) =>
  on(FUNCTION, ({ environment }) => Object.assign(environment.variables, { [name]: value }));
const without = (name: string) => (graph: Graph) => {
  graph.resources = graph.resources.filter((one) => one.name !== name);
};
const add =
  (type: string, name: string, inputs: (to: (name: string, output: string) => Value, graph: Graph) => Inputs) =>
  (graph: Graph) => {
    const to = (target: string, output: string): Value => ({ ref: `${resourceOf(graph, target).urn}#${output}` });
    const urn = `urn:pulumi:prod::${APP.name}::${type}::${name}`;
    graph.resources.push({ urn, type, name, inputs: inputs(to, graph) });
  };
const statement = (Principal: Value, Action: string, Resource: Value, more = {}): Value => ({
  json: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action, Resource, ...more }] },
});
const grantTo = (role: string, actions: string[], resources: Value[]) =>
  on(role, ({ inlinePolicies }) =>
    inlinePolicies[0].policy.json.Statement.push({ Effect: "Allow", Action: actions, Resource: resources }),
  );
const grant = (actions: string[], resources: Value[]) => grantTo("RecordEventsRole", actions, resources);
const tableArn = (name: string): Value => ({
  ref: `urn:pulumi:prod::${APP.name}::sst:aws:Dynamo$aws:dynamodb/table:Table::${name}#arn`,
});
const AUDIT_TABLE = tableArn("AuditTable");
const TRAFFIC_TABLE = tableArn("TrafficTable");
const NOT_LISTED =
  "Only a second list of permissions could find it. The pull request shows it in the diff of infra/graph.";
const lambdaArn = `arn:aws:lambda:eu-west-1:${FOREIGN}:function:helper`;
const behaviour = (more: Inputs) =>
  on(EDGE, (cdn) =>
    cdn.orderedCacheBehaviors.push({ ...cdn.defaultCacheBehavior, pathPattern: "/prod/traffic", ...more }),
  );
const wafRule = (edit: (rules: Inputs[]) => void) => on("EdgeWaf", ({ rules }) => edit(rules));
const edgeCode = (edit: (code: string) => string) => (graph: Graph) => {
  const code = graph.resources.find(({ name }) => name.startsWith("EdgeCloudfrontFunction"));
  if (code === undefined) throw new Error("prod has no edge function");
  code.inputs.code = edit(String(code.inputs.code));
};
const csp = (edit: (value: string) => string) =>
  on("ConsoleContentSecurityPolicy", (inputs) => Object.assign(inputs, { value: edit(inputs.value) }));

type Row = [what: string, change: (graph: Graph) => void, rule: string, why?: string];

const GROUPS: Record<string, Row[]> = {
  "Code and runtime": [
    [
      "a layer from a public gist",
      set(FUNCTION, { layers: [`arn:aws:lambda:eu-west-1:${FOREIGN}:layer:tools:3`] }),
      "lambda-no-layer",
    ],
    [
      "the same layer, because of its account",
      set(FUNCTION, { layers: [`arn:aws:lambda:eu-west-1:${FOREIGN}:layer:tools:3`] }),
      "no-foreign-account",
    ],
    [
      "an AWS extension for Lambda Insights",
      set(FUNCTION, { layers: ["arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension-Arm64:20"] }),
      "lambda-no-layer",
    ],
    [
      "a layer of this account",
      set(FUNCTION, { layers: ["arn:aws:lambda:eu-west-1:000000000000:layer:tools:3"] }),
      "lambda-no-layer",
    ],
    [
      "certificates are not checked while a partner's is broken",
      variable("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
      "no-runtime-variable",
    ],
    ["a profiler is loaded by NODE_OPTIONS", variable("NODE_OPTIONS", "--require ./profile.js"), "no-runtime-variable"],
    ["another certificate authority", variable("NODE_EXTRA_CA_CERTS", "/opt/ca.pem"), "no-runtime-variable"],
    [
      "a wrapper script in front of the runtime",
      variable("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrap"),
      "no-runtime-variable",
    ],
    ["a library is loaded before all others", variable("LD_PRELOAD", "/opt/lib.so"), "no-runtime-variable"],
    ["the SDK talks to a mock", variable("AWS_ENDPOINT_URL_DYNAMODB", "https://mock.example"), "no-runtime-variable"],
    [
      "the SDK talks to a mock, for every service",
      variable("AWS_ENDPOINT_URL", "https://mock.example"),
      "no-runtime-variable",
    ],
    ["requests go through a proxy", variable("https_proxy", "http://proxy.example:3128"), "no-runtime-variable"],
    ["an access key for the SDK", variable("AWS_SECRET_ACCESS_KEY", "abc"), "no-runtime-variable"],
    [
      "tracing by OpenTelemetry to a vendor",
      variable("OTEL_EXPORTER_OTLP_ENDPOINT", "https://vendor.example"),
      "no-runtime-variable",
    ],
    ["a password as a variable", variable("DB_PASSWORD", "hunter2"), "no-secret-value"],
    [
      "a password in the description",
      set(FUNCTION, { description: "Records events, password=hunter2hunter2" }),
      "no-secret-value",
    ],
    ["an old runtime", set(FUNCTION, { runtime: "nodejs18.x" }), "lambda-runtime"],
    [
      "a container image",
      set(FUNCTION, { packageType: "Image", imageUri: `${FOREIGN}.dkr.ecr.eu-west-1.amazonaws.com/x` }),
      "no-foreign-account",
    ],
    [
      "a virtual network, for a fixed address",
      set(FUNCTION, { vpcConfig: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } }),
      "property-judged",
    ],
    [
      "a shared file system",
      set(FUNCTION, {
        fileSystemConfig: {
          arn: "arn:aws:elasticfilesystem:eu-west-1:000000000000:access-point/a",
          localMountPath: "/mnt/a",
        },
      }),
      "property-judged",
    ],
    [
      "another function's bundle",
      on(FUNCTION, (inputs, { urn }) =>
        Object.assign(inputs, {
          s3Key: {
            ref: urn.replace(
              "aws:lambda/function:Function::RecordEventsFunction",
              "aws:s3/bucketObjectv2:BucketObjectv2::ReadEventsCode#key",
            ),
          },
        }),
      ),
      "lambda-own-code",
    ],
    [
      "the handler is renamed only in the configuration",
      set(FUNCTION, { handler: "bundle.main" }),
      "",
      "The bundle has only one handler. The function does not start, and its alarm goes off.",
    ],
  ],
  "Switched off": [
    [
      "concurrency 0, to stop a function for an hour",
      set(FUNCTION, { reservedConcurrentExecutions: 0 }),
      "lambda-limits",
    ],
    ["a timeout of a second", set(FUNCTION, { timeout: 1 }), "lambda-limits"],
    ["a timeout longer than the API waits", set(FUNCTION, { timeout: 60 }), "lambda-limits"],
    [
      "nothing counts the traffic",
      (graph) => {
        const type = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter";
        graph.resources = graph.resources.filter((one) => one.type !== type);
      },
      "function-is-invoked",
    ],
    ["nothing compacts the traffic", without("CompactTrafficTimerSchedule"), "function-is-invoked"],
    [
      "only errors are logged",
      on(FUNCTION, ({ loggingConfig }) => Object.assign(loggingConfig, { systemLogLevel: "ERROR" })),
      "lambda-logs",
    ],
    [
      "an alarm that goes off after a thousand failures",
      set("RecordEventsErrorsAlarm", { threshold: 1000 }),
      "alarm-can-ring",
    ],
    [
      "an alarm on a thousand rejected requests, raised to a million",
      set("UnauthorizedRequestsAlarm", { threshold: 1_000_000 }),
      "alarm-can-ring",
    ],
    [
      "the latency alarm's threshold is longer than the API waits",
      set("SlowRequestsAlarm", { threshold: 30_000 }),
      "alarm-can-ring",
    ],
    [
      "the alarm uses the fastest requests (p1)",
      set("SlowRequestsAlarm", { extendedStatistic: "p1" }),
      "alarm-can-ring",
    ],
    ["an alarm after a day of failures", set("RecordEventsErrorsAlarm", { evaluationPeriods: 288 }), "alarm-can-ring"],
    ["99 percent of requests may fail", set("ServerErrorsAlarm", { threshold: 99 }), "alarm-can-ring"],
    [
      "the smallest count of errors, not their sum",
      set("RecordEventsErrorsAlarm", { statistic: "Minimum" }),
      "alarm-can-ring",
    ],
    [
      "missing traffic does not raise an alarm",
      set("NoTrafficAlarm", { treatMissingData: "notBreaching" }),
      "alarm-missing-data",
    ],
    ["alarms are muted", set("DeadLettersAlarm", { actionsEnabled: false }), "alarm-actions-enabled"],
    [
      "an alarm notifies a chat in another account",
      set("DeadLettersAlarm", { alarmActions: [`arn:aws:sns:eu-west-1:${FOREIGN}:chat`] }),
      "no-foreign-account",
    ],
    [
      "rejected requests are counted for one path only",
      set("UnauthorizedRequestsFilter", { pattern: '{ ($.status = 401 || $.status = 403) && $.path = "/never" }' }),
      "refusals-counted",
    ],
    [
      "4010 instead of 401",
      set("UnauthorizedRequestsFilter", {
        pattern: '{ ($.status = 4010 || $.status = 403) && $.errorMessage != "-" }',
      }),
      "refusals-counted",
    ],
    [
      "traffic is compacted once a year",
      set("CompactTrafficTimerSchedule", { scheduleExpression: "rate(365 days)" }),
      "schedule-invokes-function",
    ],
    [
      "traffic is compacted once",
      set("CompactTrafficTimerSchedule", { scheduleExpression: "at(2020-01-01T00:00:00)" }),
      "schedule-invokes-function",
    ],
    [
      "the schedule ended last year",
      set("CompactTrafficTimerSchedule", { endDate: "2020-01-01T00:00:00Z" }),
      "schedule-invokes-function",
    ],
    [
      "point-in-time recovery of one day",
      on("AuditTable", ({ pointInTimeRecovery }) => Object.assign(pointInTimeRecovery, { recoveryPeriodInDays: 1 })),
      "table-recovery",
    ],
    [
      "the access log is kept for a month",
      set("SecureBackendAPIAccessLog", { retentionInDays: 30 }),
      "access-log-retention",
    ],
    ["the firewall's log is kept for a month", set("EdgeWafLogGroup", { retentionInDays: 30 }), "access-log-retention"],
    ["audit events are kept for a day", variable("AUDIT_RETENTION_DAYS", "1"), "audit-retention"],
    ["no request limit", set(STAGE, { defaultRouteSettings: {} }), "stage-throttle"],
    [
      "the whole account's rate for one API",
      on(STAGE, ({ defaultRouteSettings }) => Object.assign(defaultRouteSettings, { throttlingRateLimit: 10_000 })),
      "stage-throttle",
    ],
    [
      "passwords of eight characters",
      on("UsersUserPool", ({ passwordPolicy }) => Object.assign(passwordPolicy, { minimumLength: 8 })),
      "user-pool-password",
    ],
    [
      "no second factor while the help desk is away",
      set("UsersUserPool", { mfaConfiguration: "OFF" }),
      "user-pool-mfa",
    ],
    ["an access token for an hour", set("WebClient", { accessTokenValidity: 60 }), "client-token-validity"],
    [
      "users stay signed in for a month",
      set("WebClient", { refreshTokenValidity: 29 * 24 * 60 }),
      "client-token-validity",
    ],
    [
      "minutes become hours",
      on("WebClient", ({ tokenValidityUnits }) => Object.assign(tokenValidityUnits, { accessToken: "hours" })),
      "client-token-validity",
    ],
    [
      "dead letters are gone after a minute",
      set("TrafficDeadLettersQueue", { messageRetentionSeconds: 60 }),
      "dead-letters-kept",
    ],
  ],
  "Other accounts and destinations": [
    [
      "another account may read the audit table",
      add("aws:dynamodb/resourcePolicy:ResourcePolicy", "Share", (to) => ({
        resourceArn: to("AuditTable", "arn"),
        policy: statement({ AWS: `arn:aws:iam::${FOREIGN}:root` }, "dynamodb:Query", "*"),
      })),
      "no-foreign-account",
    ],
    [
      "the same, by the account's ID",
      add("aws:dynamodb/resourcePolicy:ResourcePolicy", "Share", (to) => ({
        resourceArn: to("AuditTable", "arn"),
        policy: statement({ AWS: FOREIGN }, "dynamodb:Query", "*"),
      })),
      "no-foreign-account",
    ],
    [
      "everyone may send to the queue",
      add("aws:sqs/queuePolicy:QueuePolicy", "Open", (to) => ({
        queueUrl: to("TrafficDeadLettersQueue", "url"),
        policy: statement("*", "sqs:SendMessage", "*"),
      })),
      "resource-policy-not-public",
    ],
    [
      "a copy of the audit table in another region",
      set("AuditTable", { replicas: [{ regionName: "us-east-1" }] }),
      "property-judged",
    ],
    [
      "the audit table streams to another account's function",
      add("aws:lambda/eventSourceMapping:EventSourceMapping", "Copy", (to) => ({
        eventSourceArn: to("AuditTable", "streamArn"),
        functionName: lambdaArn,
      })),
      "no-foreign-account",
    ],
    [
      "logs go to another account",
      add("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "Ship", (to) => ({
        logGroup: to("SecureBackendAPIAccessLog", "name"),
        destinationArn: `arn:aws:logs:eu-west-1:${FOREIGN}:destination:siem`,
        filterPattern: "",
      })),
      "no-foreign-account",
    ],
    [
      "logs go to a queue of this account that nobody declared",
      add("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "Ship", (to) => ({
        logGroup: to("SecureBackendAPIAccessLog", "name"),
        destinationArn: "arn:aws:kinesis:eu-west-1:000000000000:stream/siem",
        filterPattern: "",
      })),
      "subscription-permitted",
    ],
    [
      "failed events go to another account",
      add("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "Invoke", (to) => ({
        functionName: to("RollUpTrafficFunction", "name"),
        destinationConfig: { onFailure: { destination: `arn:aws:sqs:eu-west-1:${FOREIGN}:dlq` } },
      })),
      "no-foreign-account",
    ],
    [
      "failed events go to something that nobody declared",
      add("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "Invoke", (to) => ({
        functionName: to("RollUpTrafficFunction", "name"),
        destinationConfig: { onFailure: { destination: "arn:aws:sqs:eu-west-1:000000000000:dlq" } },
      })),
      "destination-declared",
    ],
    [
      "a function reads a stream that nobody declared",
      add("aws:lambda/eventSourceMapping:EventSourceMapping", "Read", (to) => ({
        eventSourceArn: "arn:aws:kinesis:eu-west-1:000000000000:stream/theirs",
        functionName: to(FUNCTION, "name"),
      })),
      "destination-declared",
    ],
    [
      "alarms are posted to a webhook",
      add("aws:sns/topicSubscription:TopicSubscription", "Hook", (to) => ({
        topic: to("Alarms", "arn"),
        protocol: "https",
        endpoint: "https://hooks.example/alarms",
      })),
      "subscription-recipient",
    ],
    [
      "alarms go to another account's queue",
      add("aws:sns/topicSubscription:TopicSubscription", "Queue", (to) => ({
        topic: to("Alarms", "arn"),
        protocol: "sqs",
        endpoint: `arn:aws:sqs:eu-west-1:${FOREIGN}:alarms`,
      })),
      "no-foreign-account",
    ],
    [
      "a filter that matches no alarm",
      add("aws:sns/topicSubscription:TopicSubscription", "Mail", (to) => ({
        topic: to("Alarms", "arn"),
        protocol: "email",
        endpoint: "ops@example.com",
        filterPolicy: '{"never":["x"]}',
      })),
      "subscription-recipient",
    ],
    [
      "another account's events invoke a function",
      add("aws:lambda/permission:Permission", "Invoke", (to) => ({
        action: "lambda:InvokeFunction",
        function: to(FUNCTION, "name"),
        principal: FOREIGN,
      })),
      "permission-not-public",
    ],
    [
      "a function may put objects into a bucket outside the deployment",
      grant(["s3:PutObject"], ["arn:aws:s3:::team-exports/*"]),
      "no-foreign-bucket",
    ],
    [
      "a function may use another account's key",
      grant(["kms:Decrypt"], [`arn:aws:kms:eu-west-1:${FOREIGN}:key/1`]),
      "no-foreign-account",
    ],
    [
      "a role for a consultant's account",
      on("RecordEventsRole", ({ assumeRolePolicy }) =>
        assumeRolePolicy.json.Statement.push({
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { AWS: `arn:aws:iam::${FOREIGN}:root` },
        }),
      ),
      "trust-not-everyone",
    ],
    ["sessions of a role for twelve hours", set("RecordEventsRole", { maxSessionDuration: 43_200 }), "property-judged"],
    [
      "the log is encrypted with another account's key",
      set("SecureBackendAPIAccessLog", { kmsKeyId: `arn:aws:kms:eu-west-1:${FOREIGN}:key/1` }),
      "no-foreign-account",
    ],
    [
      "AdministratorAccess, to find out what is missing",
      on("RecordEventsRole", ({ managedPolicyArns }) =>
        managedPolicyArns.push("arn:aws:iam::aws:policy/AdministratorAccess"),
      ),
      "managed-policies",
    ],
    [
      "dynamodb:* for now",
      on("RecordEventsRole", ({ inlinePolicies }) =>
        Object.assign(inlinePolicies[0].policy.json.Statement[0], { Action: ["dynamodb:*"] }),
      ),
      "no-wildcard-action",
    ],
    ["permission to delete one wrong event", grant(["dynamodb:DeleteItem"], [AUDIT_TABLE]), "append-only"],
    [
      "the same permission on every table with the name prefix",
      grant(["dynamodb:DeleteItem"], [`arn:aws:dynamodb:eu-west-1:000000000000:table/${APP.prefix}*`]),
      "append-only",
    ],
    [
      "the function that reads events may also put them",
      grantTo("ReadEventsRole", ["dynamodb:PutItem"], [AUDIT_TABLE]),
      "append-only",
    ],
    [
      "a function that scans all events for a report",
      grantTo("ReadEventsRole", ["dynamodb:Scan"], [AUDIT_TABLE]),
      "append-only",
    ],
    [
      "a function of the traffic reads events",
      grantTo("ReadTrafficRole", ["dynamodb:Query"], [AUDIT_TABLE]),
      "variables-match-grants",
    ],
    [
      "a function deletes old traffic",
      grantTo("CompactTrafficRole", ["dynamodb:DeleteItem"], [TRAFFIC_TABLE]),
      "",
      NOT_LISTED,
    ],
    [
      "a function sends mail",
      grantTo("RecordEventsRole", ["ses:SendEmail"], ["arn:aws:ses:eu-west-1:000000000000:identity/example.com"]),
      "",
      NOT_LISTED,
    ],
    [
      "the permission to get an event is removed",
      on("ReadEventsRole", ({ inlinePolicies }) =>
        Object.assign(inlinePolicies[0].policy.json.Statement[0], { Action: ["dynamodb:Query"] }),
      ),
      "",
      "The function fails, and its alarm goes off.",
    ],
    [
      "an index with all attributes",
      on("AuditTable", ({ globalSecondaryIndexes }) =>
        Object.assign(globalSecondaryIndexes[0], { projectionType: "ALL", nonKeyAttributes: [] }),
      ),
      "",
      "Callers who may read the index may already read the table. It only costs more.",
    ],
  ],
  "People and tokens": [
    [
      "a function of another account adds groups and scopes to tokens",
      set("UsersUserPool", { lambdaConfig: { preTokenGeneration: lambdaArn } }),
      "no-foreign-account",
    ],
    [
      "a function of this account adds groups and scopes to tokens",
      on("UsersUserPool", (inputs) =>
        Object.assign(inputs, {
          lambdaConfig: {
            preTokenGenerationConfig: {
              lambdaArn: "arn:aws:lambda:eu-west-1:000000000000:function:claims",
              lambdaVersion: "V2_0",
            },
          },
        }),
      ),
      "user-pool-triggers",
    ],
    [
      "a trigger that confirms every user",
      set("UsersUserPool", { lambdaConfig: { preSignUp: "arn:aws:lambda:eu-west-1:000000000000:function:confirm" } }),
      "user-pool-triggers",
    ],
    [
      "users sign up by themselves",
      set("UsersUserPool", { adminCreateUserConfig: { allowAdminCreateUserOnly: false } }),
      "sign-up-closed",
    ],
    [
      "sign-in with Google",
      add("aws:cognito/identityProvider:IdentityProvider", "Google", (to) => ({
        userPoolId: to("UsersUserPool", "id"),
        providerName: "Google",
        providerType: "Google",
        providerDetails: {},
      })),
      "identity-provider-own",
    ],
    [
      "a client offers Google",
      set("WebClient", { supportedIdentityProviders: ["COGNITO", "Google"] }),
      "identity-provider-own",
    ],
    [
      "codes go to a preview page",
      on("WebClient", ({ callbackUrls }) => callbackUrls.push("https://preview.example.net/callback")),
      "pages-known",
    ],
    [
      "codes go to a page whose name begins like the console's",
      on("WebClient", ({ callbackUrls }) =>
        callbackUrls.push(callbackUrls[0].replace("/callback", ".example.net/callback")),
      ),
      "pages-known",
    ],
    [
      "signed-out users go to another page",
      on("WebClient", ({ logoutUrls }) => logoutUrls.push("https://survey.example.net/")),
      "pages-known",
    ],
    [
      "a developer's page in prod",
      on("WebClient", ({ callbackUrls }) => callbackUrls.push("http://localhost:5173/callback")),
      "client-callbacks",
    ],
    ["the implicit flow", set("WebClient", { allowedOauthFlows: ["code", "implicit"] }), "client-flows"],
    ["passwords for a script", set("WebClient", { explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"] }), "client-flows"],
    ["the console gets a secret", set("WebClient", { generateSecret: true }), "client-without-secret"],
    [
      "a client may change its user",
      on("WebClient", ({ allowedOauthScopes }) => allowedOauthScopes.push("aws.cognito.signin.user.admin")),
      "client-scopes",
    ],
    [
      "a group with an administrator role in AWS",
      set("Operators", { roleArn: "arn:aws:iam::000000000000:role/admin" }),
      "groups-of-permissions",
    ],
    [
      "one more group",
      add("aws:cognito/userGroup:UserGroup", "Admins", (to) => ({
        userPoolId: to("UsersUserPool", "id"),
        name: "admins",
      })),
      "groups-of-permissions",
    ],
    [
      "a scope that no route requires",
      on("AuditScopes", ({ scopes }) => scopes.push({ scopeName: "delete", scopeDescription: "Delete" })),
      "scopes-exist",
    ],
    [
      "text messages as a second factor",
      set("UsersUserPool", {
        smsConfiguration: { externalId: "x", snsCallerArn: `arn:aws:iam::000000000000:role/sms` },
      }),
      "user-pool-mfa",
    ],
  ],
  "Routes and what reaches functions": [
    [
      "a route without a token, for a demo",
      set(ROUTE, { authorizationType: "NONE", authorizationScopes: [] }),
      "route-has-authorizer",
    ],
    [
      "a route with the scope of another route",
      set(ROUTE, { authorizationScopes: ["traffic/read"] }),
      "route-asks-for-permission",
    ],
    ["a route is removed", without(ROUTE), "route-asks-for-permission"],
    ["a route without a scope", set(ROUTE, { authorizationScopes: [] }), "jwt-route-has-scope"],
    ["a catch-all route", set(ROUTE, { routeKey: "$default" }), "route-is-explicit"],
    [
      "the gateway writes a header that functions trust",
      set(INTEGRATION, { requestParameters: { "overwrite:header.x-viewer-address": "192.0.2.1" } }),
      "integration-is-proxy",
    ],
    [
      "the gateway writes a header that browsers trust",
      set(INTEGRATION, {
        responseParameters: [{ statusCode: "200", mappings: { "overwrite:header.access-control-allow-origin": "*" } }],
      }),
      "integration-is-proxy",
    ],
    [
      "the gateway calls the function with its own role",
      set(INTEGRATION, { credentialsArn: "arn:aws:iam::000000000000:role/gateway" }),
      "integration-is-proxy",
    ],
    [
      "requests go to a partner's address",
      set(INTEGRATION, { integrationType: "HTTP_PROXY", integrationUri: "https://partner.example" }),
      "integration-is-proxy",
    ],
    [
      "any page may read responses",
      on(API, ({ corsConfiguration }) => Object.assign(corsConfiguration, { allowOrigins: ["*"] })),
      "cors-closed",
    ],
    [
      "cookies from other pages",
      on(API, ({ corsConfiguration }) => Object.assign(corsConfiguration, { allowCredentials: true })),
      "cors-closed",
    ],
    [
      "a preview page may read responses",
      on(API, ({ corsConfiguration }) => corsConfiguration.allowOrigins.push("https://preview.example.net")),
      "pages-known",
    ],
    [
      "methods that no route accepts",
      on(API, ({ corsConfiguration }) => corsConfiguration.allowMethods.push("DELETE")),
      "cors-methods-served",
    ],
    [
      "a function URL, for a cron service",
      add("aws:lambda/functionUrl:FunctionUrl", "Url", (to) => ({
        functionName: to(FUNCTION, "name"),
        authorizationType: "AWS_IAM",
      })),
      "no-function-url",
    ],
    [
      "a function URL, for everyone",
      add("aws:lambda/functionUrl:FunctionUrl", "Url", (to) => ({
        functionName: to(FUNCTION, "name"),
        authorizationType: "NONE",
      })),
      "permission-not-public",
    ],
    [
      "any route may invoke the function",
      set("SecureBackendAPIRouteGetEventsPermissions", { sourceArn: "arn:aws:execute-api:eu-west-1:000000000000:*/*" }),
      "permission-not-public",
    ],
    [
      "bodies are logged",
      on(STAGE, ({ defaultRouteSettings }) => Object.assign(defaultRouteSettings, { dataTraceEnabled: true })),
      "property-judged",
    ],
    [
      "the access log contains users' email addresses",
      on(STAGE, ({ accessLogSettings }) =>
        Object.assign(accessLogSettings, {
          format: accessLogSettings.format.replace("}", ',"email":"$context.authorizer.claims.email"}'),
        }),
      ),
      "access-log-no-more",
    ],
    [
      "the access log does not contain the caller's address",
      on(STAGE, ({ accessLogSettings }) =>
        Object.assign(accessLogSettings, {
          format: accessLogSettings.format.replace("$context.identity.sourceIp", "$context.stage"),
        }),
      ),
      "access-log-fields",
    ],
    [
      "tokens of another pool",
      on("SecureBackendAPIAuthorizerTokensAuthorizer", ({ jwtConfiguration }) =>
        Object.assign(jwtConfiguration, { issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other" }),
      ),
      "authorizer-checks-tokens",
    ],
  ],
  "The edge": [
    [
      "one path is cached, since it is slow",
      behaviour({ cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6" }),
      "edge-caches-nothing",
    ],
    ["one path without the function that names the viewer", behaviour({ functionAssociations: [] }), "edge-locked"],
    ["one path without TLS", behaviour({ viewerProtocolPolicy: "allow-all" }), "cdn-https"],
    [
      "a Lambda function at the edge",
      on(EDGE, ({ defaultCacheBehavior }) =>
        Object.assign(defaultCacheBehavior, {
          lambdaFunctionAssociations: [
            {
              eventType: "origin-request",
              lambdaArn: "arn:aws:lambda:us-east-1:000000000000:function:edge:1",
              includeBody: true,
            },
          ],
        }),
      ),
      "edge-code-declared",
    ],
    [
      "a Lambda function of another account at the edge, for one path",
      behaviour({
        lambdaFunctionAssociations: [
          { eventType: "origin-request", lambdaArn: `arn:aws:lambda:us-east-1:${FOREIGN}:function:edge:1` },
        ],
      }),
      "no-foreign-account",
    ],
    [
      "the edge trusts the address that the viewer sends",
      edgeCode((code) => code.replace("event.viewer.ip", 'event.request.headers["x-forwarded-for"].value')),
      "edge-locked",
    ],
    [
      "the edge keeps an address that the viewer sends",
      edgeCode((code) =>
        code.replace(
          'event.request.headers["x-viewer-address"] =',
          'event.request.headers["x-viewer-address"] = event.request.headers["x-viewer-address"] ||',
        ),
      ),
      "edge-locked",
    ],
    [
      "the edge adds a token to every request",
      edgeCode((code) =>
        code.replace(
          "return event.request",
          'event.request.headers.authorization = { value: "Bearer x" };\n  return event.request',
        ),
      ),
      "edge-locked",
    ],
    [
      "the edge itself responds to one path",
      edgeCode((code) => code.replace("return event.request", 'return { statusCode: 200, statusDescription: "OK" }')),
      "edge-locked",
    ],
    [
      "the edge adds a token to every request, as an origin header",
      on(EDGE, ({ origins }) => origins[0].customHeaders.push({ name: "Authorization", value: "Bearer x" })),
      "edge-headers",
    ],
    [
      "the viewer's address is a constant",
      on(EDGE, ({ origins }) => origins[0].customHeaders.push({ name: "X-Viewer-Address", value: "192.0.2.1" })),
      "edge-headers",
    ],
    [
      "no secret for the origin",
      on(EDGE, ({ origins }) => Object.assign(origins[0], { customHeaders: [] })),
      "edge-locked",
    ],
    [
      "the origin without TLS",
      on(EDGE, ({ origins }) => Object.assign(origins[0].customOriginConfig, { originProtocolPolicy: "http-only" })),
      "cdn-origin-tls",
    ],
    [
      "a second origin for a partner",
      on(EDGE, ({ origins }) =>
        origins.push({ ...origins[0], originId: "partner", domainName: "api.partner.example" }),
      ),
      "cdn-origin-own",
    ],
    [
      "an origin whose name only begins with the API's ID",
      on(EDGE, ({ origins }) =>
        Object.assign(origins[0], {
          domainName: origins[0].domainName.replace(".execute-api", ".example.execute-api"),
        }),
      ),
      "cdn-origin-own",
    ],
    [
      "a real-time log to another account",
      on(EDGE, ({ defaultCacheBehavior }) =>
        Object.assign(defaultCacheBehavior, {
          realtimeLogConfigArn: `arn:aws:cloudfront::${FOREIGN}:realtime-log-config/x`,
        }),
      ),
      "no-foreign-account",
    ],
    [
      "a real-time log of this account",
      on(EDGE, ({ defaultCacheBehavior }) =>
        Object.assign(defaultCacheBehavior, {
          realtimeLogConfigArn: "arn:aws:cloudfront::000000000000:realtime-log-config/x",
        }),
      ),
      "property-judged",
    ],
    [
      "CORS for every page with a managed headers policy",
      on(EDGE, ({ defaultCacheBehavior }) =>
        Object.assign(defaultCacheBehavior, { responseHeadersPolicyId: "60669652-455b-4ae9-85a4-c4c02393f86c" }),
      ),
      "response-headers-own",
    ],
    ["errors are cached", set(EDGE, { customErrorResponses: [] }), "cdn-errors-not-cached"],
    [
      "a partner's address bypasses the firewall",
      wafRule((rules) =>
        rules.unshift({
          name: "Partner",
          priority: 0,
          action: { allow: {} },
          statement: {
            ipSetReferenceStatement: { arn: "arn:aws:wafv2:us-east-1:000000000000:global/ipset/partner/1" },
          },
        }),
      ),
      "firewall-not-bypassed",
    ],
    [
      "managed rules count",
      wafRule((rules) => Object.assign(rules[1], { overrideAction: { count: {} } })),
      "firewall-managed-rules",
    ],
    [
      "managed rules apply to one path only",
      wafRule((rules) =>
        Object.assign(rules[2].statement.managedRuleGroupStatement, {
          scopeDownStatement: { byteMatchStatement: { searchString: "/never" } },
        }),
      ),
      "firewall-managed-rules",
    ],
    [
      "the rate limit applies to one path only",
      wafRule((rules) =>
        Object.assign(rules[0].statement.rateBasedStatement, {
          scopeDownStatement: { byteMatchStatement: { searchString: "/never" } },
        }),
      ),
      "firewall-managed-rules",
    ],
    [
      "the rate limit counts but does not block",
      wafRule((rules) => Object.assign(rules[0], { action: { count: {} } })),
      "firewall-managed-rules",
    ],
    [
      "a million requests for each address",
      wafRule((rules) => Object.assign(rules[0].statement.rateBasedStatement, { limit: 1_000_000 })),
      "firewall-managed-rules",
    ],
    [
      "one injection rule only counts",
      wafRule((rules) =>
        Object.assign(rules[3].statement.managedRuleGroupStatement, {
          ruleActionOverrides: [{ name: "SQLi_QUERYARGUMENTS", actionToUse: { count: {} } }],
        }),
      ),
      "firewall-not-bypassed",
    ],
    [
      "one of the common rules allows",
      wafRule((rules) =>
        Object.assign(rules[1].statement.managedRuleGroupStatement, {
          ruleActionOverrides: [{ name: "SizeRestrictions_BODY", actionToUse: { allow: {} } }],
        }),
      ),
      "firewall-not-bypassed",
    ],
    [
      "a vendor's rules instead of AWS's",
      wafRule((rules) => Object.assign(rules[1].statement.managedRuleGroupStatement, { vendorName: "Fortinet" })),
      "firewall-managed-rules",
    ],
    [
      "the firewall's log has a filter",
      set("EdgeWafLogging", { loggingFilter: { defaultBehavior: "DROP", filters: [] } }),
      "firewall-logging",
    ],
    ["tokens in the firewall's log", set("EdgeWafLogging", { redactedFields: [] }), "firewall-logging"],
    ["no firewall", on(EDGE, (cdn) => delete cdn.webAclId), "cdn-firewall"],
  ],
  "The console's files and headers": [
    [
      "any script may run",
      csp((value) => value.replace("script-src 'self'", "script-src * 'unsafe-inline'")),
      "console-policy-strict",
    ],
    [
      "a script of a vendor",
      csp((value) => value.replace("script-src 'self'", "script-src 'self' https://cdn.example")),
      "console-policy-strict",
    ],
    [
      "tokens may be sent to a vendor",
      csp((value) => value.replace("connect-src 'self'", "connect-src 'self' https://stats.example")),
      "console-policy-strict",
    ],
    [
      "inline styles",
      csp((value) => value.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")),
      "console-policy-strict",
    ],
    [
      "any page may frame the console",
      csp((value) => value.replace("frame-ancestors 'none'", "frame-ancestors *")),
      "console-policy-strict",
    ],
    ["a policy without scripts", csp(() => "frame-ancestors 'none'"), "console-policy-strict"],
    ["no policy at all", without("ConsoleContentSecurityPolicy"), "console-policy-strict"],
    [
      "the console calls another API",
      on("ConsoleConfig", ({ content }) => Object.assign(content.json, { apiUrl: "https://api.example.net" })),
      "site-data-own",
    ],
    [
      "the console signs in at another issuer",
      on("ConsoleConfig", ({ content }) => Object.assign(content.json, { issuer: "https://login.example.net" })),
      "site-data-own",
    ],
    [
      "a script next to the console's files",
      add("aws:s3/bucketObjectv2:BucketObjectv2", "Widget", (to) => ({
        bucket: to("ConsoleAssetsBucket", "bucket"),
        key: "widget.js",
        content: "alert(1)",
        contentType: "text/javascript",
      })),
      "site-data-own",
    ],
    [
      "no frame options",
      on("ConsolePolicy", ({ securityHeadersConfig }) => delete securityHeadersConfig.frameOptions),
      "response-headers-strict",
    ],
    [
      "TLS is remembered for a day",
      on("ConsolePolicy", ({ securityHeadersConfig }) =>
        Object.assign(securityHeadersConfig.strictTransportSecurity, { accessControlMaxAgeSec: 86_400 }),
      ),
      "response-headers-strict",
    ],
    [
      "headers that files may override",
      on("ConsolePolicy", ({ securityHeadersConfig }) =>
        Object.assign(securityHeadersConfig.frameOptions, { override: false }),
      ),
      "response-headers-strict",
    ],
    [
      "any page may read the console's files",
      on("ConsolePolicy", (inputs) =>
        Object.assign(inputs, { corsConfig: { accessControlAllowOrigins: { items: ["*"] }, originOverride: true } }),
      ),
      "response-headers-strict",
    ],
    [
      "no headers policy",
      on(SITE, ({ defaultCacheBehavior }) => delete defaultCacheBehavior.responseHeadersPolicyId),
      "response-headers-own",
    ],
    [
      "the function that adds the policy is removed",
      on(SITE, ({ defaultCacheBehavior }) =>
        Object.assign(defaultCacheBehavior, {
          functionAssociations: defaultCacheBehavior.functionAssociations.slice(0, 1),
        }),
      ),
      "console-policy-strict",
    ],
    [
      "the bucket is public",
      on("ConsoleAssetsPublicAccessBlock", (inputs) => Object.assign(inputs, { blockPublicPolicy: false })),
      "bucket-closed",
    ],
    [
      "the site's files come from another bucket",
      on("ConsoleKvKeys.sst.aws.KvKeys", ({ entries }) =>
        Object.assign(entries.metadata.json.s3, { domain: "files.example.s3.amazonaws.com" }),
      ),
      "site-data-own",
    ],
  ],
  "The deployment itself": [
    [
      "a command that downloads a script",
      add("command:local:Command", "Tools", () => ({ create: "curl -s https://get.example/install | sh" })),
      "commands-installed",
    ],
    [
      "another command builds the console",
      set("ConsoleBuilder", { create: "npx --yes vite@latest build" }),
      "commands-installed",
    ],
    ["the build runs in another folder", set("ConsoleBuilder", { dir: "../elsewhere" }), "commands-installed"],
    [
      "a custom dynamic resource in the deployment",
      add("pulumi-nodejs:dynamic:Resource", "Migrate", () => ({ table: "x" })),
      "deploy-code-of-sst",
    ],
    [
      "a user with an access key, for a script",
      add("aws:iam/accessKey:AccessKey", "Script", () => ({ user: "script" })),
      "no-long-lived-credentials",
    ],
    [
      "a virtual machine for debugging",
      add("aws:ec2/instance:Instance", "Bastion", () => ({ ami: "ami-1" })),
      "type-judged",
    ],
    ["prod can be removed", (graph) => Object.assign(graph, { protect: false }), "stage-protected"],
    [
      "the audit table is deleted with the stage",
      on("AuditTable", (_inputs, resource) => delete resource.retainOnDelete),
      "table-kept",
    ],
    ["a tag is missing", (graph) => delete graph.tags.owner, "required-tags"],
    [
      "another email address for alarms",
      add("aws:sns/topicSubscription:TopicSubscription", "Mail", (to) => ({
        topic: to("Alarms", "arn"),
        protocol: "email",
        endpoint: "somebody@example.com",
      })),
      "waiver-valid",
    ],
  ],
};

/** Harmless changes. No rule may report them. */
export const FINE_CHANGES: [what: string, change: (graph: Graph) => void][] = [
  [
    "a custom domain for edge and API",
    (graph) => {
      const to = (name: string, output: string): Value => ({ ref: `${resourceOf(graph, name).urn}#${output}` });
      const tls = { domainNameConfiguration: { securityPolicy: "TLS_1_2", endpointType: "REGIONAL" } };
      add("aws:apigatewayv2/domainName:DomainName", "Domain", () => ({ domainName: "origin.api.example.com", ...tls }))(
        graph,
      );
      add("aws:apigatewayv2/apiMapping:ApiMapping", "Mapping", () => ({
        ...{ apiId: to(API, "id"), stage: to(STAGE, "name"), domainName: to("Domain", "domainName") },
      }))(graph);
      set(API, { disableExecuteApiEndpoint: true })(graph);
      on(EDGE, (cdn) => {
        cdn.aliases = ["api.example.com"];
        cdn.origins[0].domainName = to("Domain", "domainName");
        cdn.viewerCertificate = { minimumProtocolVersion: "TLSv1.2_2021", sslSupportMethod: "sni-only" };
      })(graph);
      on("ConsoleConfig", ({ content }) => Object.assign(content.json, { apiUrl: "https://api.example.com" }))(graph);
      csp((value) => value.replace("connect-src 'self'", "connect-src 'self' https://api.example.com/"))(graph);
    },
  ],
  [
    "the app is renamed",
    (graph) => Object.assign(graph, JSON.parse(JSON.stringify(graph).replaceAll(APP.name, "another-app"))),
  ],
  [
    "a script of package.json builds the console",
    set("ConsoleBuilder", { create: "npm run build", update: "npm run build" }),
  ],
  ["the same origin by its name", on(EDGE, ({ origins }) => Object.assign(origins[0], { connectionAttempts: 2 }))],
  ["a retry limit in a variable", variable("RETRY_LIMIT", "3")],
  ["a variable whose name begins like AWS's variables", variable("AWSOME_FLAG", "on")],
  ["a variable for the lifetime of cached tokens", variable("TOKEN_CACHE_SECONDS", "60")],
  [
    "a variable with the ARN of a secret",
    variable("STRIPE_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:000000000000:secret:x"),
  ],
  ["a shorter session for users", set("WebClient", { accessTokenValidity: 10, refreshTokenValidity: 60 })],
  ["a lower rate limit", wafRule((rules) => Object.assign(rules[0].statement.rateBasedStatement, { limit: 500 }))],
  ["an alarm that goes off earlier", set("SlowRequestsAlarm", { threshold: 1000 })],
  [
    "traffic is compacted every five minutes",
    set("CompactTrafficTimerSchedule", { scheduleExpression: "rate(5 minutes)" }),
  ],
  ["the access log is kept for two years", set("SecureBackendAPIAccessLog", { retentionInDays: 731 })],
  ["more memory and time", set(FUNCTION, { memorySize: 1024, timeout: 20, reservedConcurrentExecutions: 50 })],
  ["a stricter policy for the page", csp((value) => value.replace("img-src 'self'", "img-src 'none'"))],
  [
    "defaults that the provider adds",
    on("RecordEventsRole", (role) => Object.assign(role, { path: "/", forceDetachPolicies: false, tags: {} })),
  ],
];

export const HURRIED_CHANGES: HurriedChange[] = Object.entries(GROUPS).flatMap(([about, rows]) =>
  rows.map(([what, change, rule, why]) => ({
    about,
    what,
    change,
    ...(rule !== "" && { rule }),
    ...(why !== undefined && { why }),
  })),
);
