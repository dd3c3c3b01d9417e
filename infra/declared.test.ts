import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";

import { PERMISSIONS } from "@backend/core/permissions";
import { loadGraph } from "@backend/sst-graph/load";
import { type ResolvedGraph, type ResolvedResource, resolve } from "@backend/sst-graph/resolve";
import { describe, expect, it } from "vitest";
import { APP } from "./app";
import { withPrefix } from "./components/prefix";
import { APPEND_ONLY_TABLES, PUBLIC_ROUTES } from "./promises";
import { stagePolicy } from "./stage";

const fileOf = (stage: string) => path.join(fileURLToPath(new URL("graph", import.meta.url)), `${stage}.json`);
const ISSUER = new RegExp(`^https://cognito-idp\\.${APP.region}\\.amazonaws\\.com/${APP.region}_[A-Za-z0-9]{9}$`);

interface Statement {
  Effect: string;
  Action: string[];
  Resource?: string[];
}

// Security properties and the joints between components, as AWS's documentation has them. What
// single routes and functions may do is stated by operations and `uses`; rules of the policy judge
// it.
describe.each(["dev", "test", "prod"])("%s as it is declared", (stage) => {
  const graph = resolve(loadGraph(fileOf(stage)));
  const all = (type: string) => graph.resources.filter((resource) => resource.type === type);
  const one = (type: string) => {
    expect(all(type), type).toHaveLength(1);
    return all(type)[0] as ResolvedResource;
  };
  const clients = all("aws:cognito/userPoolClient:UserPoolClient");
  const scopes = all("aws:cognito/resourceServer:ResourceServer").flatMap(({ outputs }) =>
    Object.entries(outputs).flatMap(([key, value]) => (key.startsWith("scopeIdentifiers") ? [value] : [])),
  );
  const { machines } = stagePolicy(stage);
  const deadLetters = `arn:aws:sqs:${APP.region}:000000000000:${APP.prefix}RollUpTraffic-${stage}-dead-letters`;
  const accessLog = `arn:aws:logs:${APP.region}:000000000000:log-group:/aws/apigateway/${withPrefix("SecureBackendAPI")}/${stage}`;
  const distribution = () => find(graph, ({ name }) => name === "ConsoleCdnDistribution");
  const site = `https://${distribution().outputs.domainName}`;
  const configObject = () =>
    find(graph, ({ type, name }) => type === "aws:s3/bucketObjectv2:BucketObjectv2" && name === "ConsoleConfig");
  const lambdaOf = (name: string) =>
    find(
      graph,
      ({ type, inputs }) => type === "aws:lambda/function:Function" && inputs.name === `${APP.prefix}${name}-${stage}`,
    );

  it("answers without a token on the public routes only, and asks for a scope on all others", () => {
    const routes = all("aws:apigatewayv2/route:Route").map(({ inputs }) => inputs);
    const open = routes.filter(({ authorizationType }) => authorizationType !== "JWT");
    expect(open.map(({ routeKey }) => routeKey).toSorted()).toEqual([...PUBLIC_ROUTES].toSorted());
    for (const { authorizationType, authorizationScopes } of routes)
      expect(listOf(authorizationScopes)).toHaveLength(authorizationType === "JWT" ? 1 : 0);
  });

  it("takes the tokens of the pool's own clients, from its issuer", () => {
    const { jwtConfiguration, identitySources } = one("aws:apigatewayv2/authorizer:Authorizer").inputs;
    const { audiences, issuer } = jwtConfiguration as { audiences: string[]; issuer: string };
    expect(audiences.toSorted()).toEqual(clients.map(({ outputs }) => outputs.id).toSorted());
    expect(issuer).toMatch(ISSUER);
    expect(issuer.endsWith(`/${one("aws:cognito/userPool:UserPool").outputs.id}`)).toBe(true);
    expect(identitySources).toEqual(["$request.header.Authorization"]);
    expect(graph.outputs.issuer).toBe(issuer);
  });

  it("lets one function put items into an append-only table, and nobody change or delete one", () => {
    for (const name of APPEND_ONLY_TABLES) {
      const table = String(find(graph, ({ name: logical }) => logical === `${name}Table`).outputs.arn);
      const granted = all("aws:iam/role:Role").map((role) =>
        statementsOf(role)
          .filter(
            ({ Effect, Resource = [] }) => Effect !== "Deny" && [Resource].flat().some((arn) => covers(arn, table)),
          )
          .flatMap(({ Action }) => Action),
      );
      expect(granted.filter((actions) => actions.includes("dynamodb:PutItem"))).toHaveLength(1);
      const harmless = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
      expect(granted.flat().filter((action) => !harmless.includes(action))).toEqual([]);
    }
    // Nothing else grants rights: resource policies and managed policies would.
    const policies = graph.resources.filter(({ type }) => type.startsWith("aws:iam/") || type.includes("olicy"));
    expect(new Set(policies.map(({ type }) => type))).toEqual(
      new Set([
        "aws:iam/role:Role",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      ]),
    );
  });

  it("hands every line of the access log to RollUpTraffic, as that group's alone", () => {
    const { inputs, dependsOn } = one("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter");
    const lambda = lambdaOf("RollUpTraffic");
    expect(inputs).toMatchObject({ destinationArn: lambda.outputs.arn, filterPattern: "" });
    expect(accessLog.endsWith(`:${inputs.logGroup}`)).toBe(true);
    const permission = find(graph, ({ urn }) => dependsOn?.includes(urn) === true);
    expect(permission.inputs).toMatchObject({
      action: "lambda:InvokeFunction",
      function: `${APP.prefix}RollUpTraffic-${stage}`,
      principal: "logs.amazonaws.com",
      sourceArn: `${accessLog}:*`,
      sourceAccount: "000000000000",
    });
    expect(lambda.inputs.deadLetterConfig).toEqual({ targetArn: deadLetters });
    expect(lambda.inputs.timeout).toBeLessThanOrEqual(120);
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
  it("keeps deliveries that could not be counted for 14 days, encrypted, of any size", () => {
    expect(one("aws:sqs/queue:Queue").inputs).toMatchObject({
      messageRetentionSeconds: 1_209_600,
      maxMessageSize: 1_048_576,
      sqsManagedSseEnabled: true,
      fifoQueue: false,
    });
  });

  it("compacts the traffic every minute, by a role that may do that and is its own account's alone", () => {
    const { inputs } = one("aws:scheduler/schedule:Schedule");
    const { arn, roleArn } = inputs.target as Record<string, string>;
    const compact = lambdaOf("CompactTraffic");
    expect([inputs.scheduleExpression, inputs.state, arn]).toEqual(["rate(1 minute)", "ENABLED", compact.outputs.arn]);
    const role = find(graph, ({ outputs }) => outputs.arn === roleArn);
    expect(JSON.parse(String(role.inputs.assumeRolePolicy)).Statement).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
    const [policy] = role.inputs.inlinePolicies as { policy: string }[];
    expect(JSON.parse(policy?.policy ?? "").Statement).toEqual([
      { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [compact.outputs.arn] },
    ]);
  });

  it("has users whom an administrator made, with strong passwords and a second factor", () => {
    const { inputs } = one("aws:cognito/userPool:UserPool");
    expect(inputs).toMatchObject({
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      usernameAttributes: ["email"],
      accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
      mfaConfiguration: stage === "prod" ? "ON" : "OPTIONAL",
      softwareTokenMfaConfiguration: { enabled: true },
    });
    // https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html#cognito-3
    const { minimumLength, temporaryPasswordValidityDays, ...classes } = inputs.passwordPolicy as Record<
      string,
      number
    >;
    expect(minimumLength).toBeGreaterThanOrEqual(8);
    expect(temporaryPasswordValidityDays).toBeLessThanOrEqual(7);
    expect(classes).toEqual({
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: true,
    });
    expect(inputs).not.toHaveProperty("smsConfiguration");
  });

  it("has a sign-in page under a name that Cognito takes", () => {
    const { domain } = one("aws:cognito/userPoolDomain:UserPoolDomain").inputs;
    expect(domain).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
    expect(domain).not.toMatch(/aws|amazon|cognito/);
    expect(graph.outputs.authUrl).toBe(`https://${domain}.auth.${APP.region}.amazoncognito.com`);
  });

  it("has scopes of its own, and every one that a client may ask for is among them", () => {
    const tenantScopes = new Set(Object.values(machines).map(({ tenant }) => `tenant/${tenant}`));
    expect(scopes.toSorted()).toEqual([...Object.keys(PERMISSIONS), ...tenantScopes].toSorted());
    for (const { inputs } of clients)
      expect([...scopes, "openid"]).toEqual(expect.arrayContaining(listOf(inputs.allowedOauthScopes)));
  });

  it("gives no client the implicit flow, a flow that takes passwords, or news of who exists", () => {
    expect(clients.length).toBeGreaterThan(0);
    for (const { inputs } of clients) {
      expect(listOf(inputs.allowedOauthFlows)).not.toContain("implicit");
      expect(inputs).toMatchObject({
        explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
      });
    }
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
  // What is not stated, the provider sets to 30 for a refresh token, whatever the unit.
  it("has token lifetimes that Cognito accepts: 5 minutes to a day, and an hour to 10 years to refresh", () => {
    const minutes = { minutes: 1, hours: 60, days: 24 * 60 };
    for (const { name, inputs } of clients) {
      const units = (inputs.tokenValidityUnits ?? {}) as Record<string, keyof typeof minutes>;
      const lasts = (token: string, usual: number, unit: keyof typeof minutes) =>
        Number(inputs[`${token}Validity`] ?? usual) * minutes[units[token] ?? unit];
      const short = [lasts("accessToken", 1, "hours"), lasts("idToken", 1, "hours")];
      expect(Math.min(...short), name).toBeGreaterThanOrEqual(5);
      expect(Math.max(...short), name).toBeLessThanOrEqual(24 * 60);
      expect(lasts("refreshToken", 30, "days"), name).toBeGreaterThanOrEqual(60);
      expect(lasts("refreshToken", 30, "days"), name).toBeLessThanOrEqual(3650 * 24 * 60);
    }
  });

  it("gives each machine its own credentials, the scope of its tenant alone, and nothing for people", () => {
    const isMachine = ({ inputs }: ResolvedResource) => listOf(inputs.allowedOauthFlows).includes("client_credentials");
    expect(clients.filter(isMachine).map(({ name }) => name)).toEqual(
      Object.keys(machines).map((name) => `${name}Client`),
    );
    for (const [name, { tenant, scopes: permitted }] of Object.entries(machines)) {
      const { inputs } = find(graph, (resource) => resource.name === `${name}Client`);
      expect(inputs).toMatchObject({
        generateSecret: true,
        allowedOauthFlows: ["client_credentials"],
        allowedOauthScopes: [...permitted, `tenant/${tenant}`],
        accessTokenValidity: 60,
      });
      expect(inputs).not.toHaveProperty("callbackUrls");
      expect(inputs).not.toHaveProperty("supportedIdentityProviders");
    }
  });

  it("gives people a client without a secret, for the console and, in dev, for what runs on one's own machine", () => {
    const web = clients.find(({ inputs }) => listOf(inputs.allowedOauthFlows).includes("code"));
    expect(graph.outputs.webClientId).toBe(web?.outputs.id);
    expect(clients).toHaveLength(1 + Object.keys(machines).length);
    const origins = [...(stage === "dev" ? ["http://localhost:5173"] : []), site];
    expect(web?.inputs).toMatchObject({
      generateSecret: false,
      allowedOauthFlows: ["code"],
      allowedOauthScopes: ["openid", ...Object.keys(PERMISSIONS)],
      callbackUrls: origins.map((origin) => `${origin}/callback`),
      logoutUrls: origins.map((origin) => `${origin}/`),
      tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "minutes" },
      accessTokenValidity: 15,
    });
  });

  it("lets the console's origin call the API from a browser, and tells the console where the API is", () => {
    const { allowOrigins } = one("aws:apigatewayv2/api:Api").inputs.corsConfiguration as { allowOrigins: string[] };
    expect(allowOrigins).toEqual([...(stage === "dev" ? ["http://localhost:5173"] : []), site]);
    expect(graph.outputs.consoleUrl).toBe(site);
    const { bucket, key, content, contentType, cacheControl } = configObject().inputs;
    expect([bucket, key, contentType, cacheControl]).toEqual([
      one("aws:s3/bucket:Bucket").outputs.bucket,
      "runtime/config.json",
      "application/json",
      "no-store",
    ]);
    expect(JSON.parse(String(content))).toEqual({
      app: APP.name,
      apiUrl: graph.outputs.url,
      issuer: graph.outputs.issuer,
      clientId: graph.outputs.webClientId,
      stage,
      region: APP.region,
      accessLogGroup: graph.outputs.accessLogGroup,
      offline: false,
    });
  });

  it("serves that file from the bucket, not the page in its place", () => {
    const keys = find(graph, ({ name }) => name.endsWith("KvKeys"));
    const { metadata } = keys.inputs.entries as { metadata: string };
    expect(JSON.parse(metadata).s3.routes).toContain("/runtime");
  });

  // The order of policy and function:
  // https://aws.amazon.com/blogs/networking-and-content-delivery/amazon-cloudfront-introduces-response-headers-policies/
  it("lets the console's page do nothing but run its own scripts and call the API and the sign-in", () => {
    const policy = one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy");
    const { defaultCacheBehavior } = distribution().inputs;
    const { functionAssociations, responseHeadersPolicyId, viewerProtocolPolicy } = objectOf(defaultCacheBehavior);
    expect([responseHeadersPolicyId, viewerProtocolPolicy]).toEqual([policy.outputs.id, "redirect-to-https"]);
    expect(policy.inputs.securityHeadersConfig).toMatchObject({
      contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'", override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: "DENY", override: true },
      strictTransportSecurity: { accessControlMaxAgeSec: 63_072_000, override: true },
    });

    const entry = one("aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey").inputs;
    const reader = find(graph, ({ name }) => name === "ConsoleResponses");
    const association = listOf(functionAssociations).find((item) => objectOf(item).eventType === "viewer-response");
    expect(objectOf(association).functionArn).toBe(reader.outputs.arn);
    expect(reader.inputs.keyValueStoreAssociations).toEqual([entry.keyValueStoreArn]);
    expect(reader.inputs.code).toContain(`cf.kvs().get("${entry.key}")`);
    const directives = String(entry.value).split("; ");
    expect(directives).toContain(
      `connect-src 'self' ${graph.outputs.url}/ ${graph.outputs.issuer}/ ${graph.outputs.authUrl}/`,
    );
    expect(directives).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'"]));
    expect(String(entry.value)).not.toMatch(/unsafe|\*/);
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html: 1
    // KB a value
    expect(String(entry.value).length).toBeLessThanOrEqual(1024);
  });

  it("has the console's edge send that policy, and the one that allows nothing where it is not to be had", async () => {
    const { code } = find(graph, ({ name }) => name === "ConsoleResponses").inputs;
    const [fixed, own] = ["default-src 'none'; frame-ancestors 'none'", "default-src 'self'"];
    const sent = async (get: (key: string) => Promise<string>) => {
      const source = `${String(code).replace('import cf from "cloudfront";', "")}; handler`;
      const handler = runInNewContext(source, { cf: { kvs: () => ({ get }) }, console: { log: () => {} } });
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
      const response = { statusCode: 200, headers: { "content-security-policy": { value: fixed } } };
      const { headers } = await handler({ version: "1.0", response });
      return headers["content-security-policy"].value;
    };
    expect(await sent(async (key) => (key === "content-security-policy" ? own : "other"))).toBe(own);
    expect(await sent(() => Promise.reject(new Error("KeyNotFound")))).toBe(fixed);
  });

  it("keeps the console's files from everybody but this account's distributions", () => {
    const { policy } = one("aws:s3/bucketPolicy:BucketPolicy").inputs;
    const { Statement: statements } = JSON.parse(String(policy)) as { Statement: Statement[] };
    const read = statements.filter(({ Effect }) => Effect !== "Deny");
    expect(read).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: ["cloudfront.amazonaws.com"] },
        Action: ["s3:GetObject"],
        Resource: [`${one("aws:s3/bucket:Bucket").outputs.arn}/*`],
        Condition: { ArnLike: { "aws:SourceArn": ["arn:aws:cloudfront::000000000000:distribution/*"] } },
      },
    ]);
    expect(all("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")).toEqual([]);
    expect(Object.values(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs)).toEqual(
      expect.arrayContaining([true, true, true, true]),
    );
  });

  it("is written down without a client's secret", () => {
    const text = readFileSync(fileOf(stage), "utf8");
    expect(text).not.toContain("clientSecret");
    const secrets = clients.map(({ outputs }) => outputs.clientSecret ?? "");
    expect(secrets.filter((secret) => secret === "" || text.includes(secret))).toEqual([]);
  });

  it(
    stage === "prod" ? "keeps users, groups and events when it is removed" : "can be removed with all that is in it",
    () => {
      const kept = stage === "prod";
      const groups = all("aws:cognito/userGroup:UserGroup");
      const pool = one("aws:cognito/userPool:UserPool");
      const tables = all("aws:dynamodb/table:Table");
      expect(tables).not.toEqual([]);
      for (const resource of [pool, ...groups, ...tables]) expect(resource.retainOnDelete ?? false).toBe(kept);
      expect(pool.inputs.deletionProtection).toBe(kept ? "ACTIVE" : "INACTIVE");
      for (const { inputs } of tables) {
        expect(inputs.deletionProtectionEnabled).toBe(kept);
        expect(inputs.pointInTimeRecovery).toEqual({ enabled: kept });
      }
    },
  );
});

// Rules: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
describe("prod's edge", () => {
  const graph = resolve(loadGraph(fileOf("prod")), {
    "secret:OriginSecret": "new",
    "secret:PreviousOriginSecret": "old",
  });
  const distribution = find(graph, ({ type, inputs }) => {
    return type === "aws:cloudfront/distribution:Distribution" && inputs.comment === `${APP.prefix}Edge-prod`;
  });
  const acl = find(graph, ({ type }) => type === "aws:wafv2/webAcl:WebAcl");

  it("is the address that callers are given, and the API is behind it", () => {
    const api = find(graph, ({ type }) => type === "aws:apigatewayv2/api:Api");
    expect(graph.outputs.url).toBe(`https://${distribution.outputs.domainName}/prod`);
    expect(distribution.inputs.origins).toEqual([
      expect.objectContaining({
        domainName: new URL(api.outputs.apiEndpoint ?? "").host,
        customHeaders: [{ name: "x-origin-secret", value: "new" }],
        customOriginConfig: expect.objectContaining({
          originProtocolPolicy: "https-only",
          originSslProtocols: ["TLSv1.2"],
        }),
      }),
    ]);
  });

  it("is asked for by every function that a route leads to, by the new secret or the one before", () => {
    const routed = functionsOfRoutes(graph);
    expect(routed).not.toEqual([]);
    for (const { inputs } of routed)
      expect(inputs.environment).toMatchObject({ variables: { ORIGIN_SECRETS: "new old" } });
  });

  it("caches nothing, errors neither", () => {
    expect(distribution.inputs.defaultCacheBehavior).toMatchObject({
      cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", // Managed-CachingDisabled
      viewerProtocolPolicy: "redirect-to-https",
    });
    const errors = listOf(distribution.inputs.customErrorResponses);
    expect(errors).toHaveLength(11);
    for (const error of errors) expect(error).toMatchObject({ errorCachingMinTtl: 0 });
  });

  it("blocks what AWS's rules know and addresses that ask too often, and logs every request without its token", () => {
    expect(distribution.inputs.webAclId).toBe(acl.outputs.arn);
    const rules = listOf(acl.inputs.rules) as { name: string; action?: unknown; overrideAction?: unknown }[];
    expect(rules.map(({ name, action, overrideAction }) => [name, action ?? overrideAction])).toEqual([
      ["RateLimitPerIP", { block: {} }],
      ["AWSManagedRulesCommonRuleSet", { none: {} }],
      ["AWSManagedRulesKnownBadInputsRuleSet", { none: {} }],
      ["AWSManagedRulesSQLiRuleSet", { none: {} }],
    ]);
    expect(acl.inputs.associationConfig).toEqual({
      requestBodies: [{ cloudfront: { defaultSizeInspectionLimit: "KB_64" } }],
    });
    const logging = find(
      graph,
      ({ type }) => type === "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    );
    const group = find(graph, ({ inputs }) => inputs.name === `aws-waf-logs-${APP.prefix}Edge-prod`);
    expect(logging.inputs).toMatchObject({ resourceArn: acl.outputs.arn, logDestinationConfigs: [group.outputs.arn] });
    expect(logging.inputs.redactedFields).toContainEqual({ singleHeader: { name: "authorization" } });
    expect([group.inputs.retentionInDays, group.retainOnDelete]).toEqual([365, true]);
  });
});

// Names of the rules:
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html and
// .../aws-managed-rule-groups-use-case.html. WAF ignores an override whose name is not one of them.
describe("prod's firewall", () => {
  const BODY_RULES = {
    AWSManagedRulesCommonRuleSet: [
      "SizeRestrictions_BODY",
      "EC2MetaDataSSRF_BODY",
      "GenericLFI_BODY",
      "GenericRFI_BODY",
      "CrossSiteScripting_BODY",
    ],
    AWSManagedRulesKnownBadInputsRuleSet: ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"],
    AWSManagedRulesSQLiRuleSet: ["SQLi_BODY", "SQLiExtendedPatterns_BODY"],
  };
  const acl = find(loadedProd(), ({ type }) => type === "aws:wafv2/webAcl:WebAcl");
  const rules = listOf(acl.inputs.rules) as {
    statement: { managedRuleGroupStatement?: { name: string; ruleActionOverrides: object[] } };
  }[];
  const overridesOf = (group: string) =>
    rules.flatMap(({ statement: { managedRuleGroupStatement } }) =>
      managedRuleGroupStatement?.name === group ? (managedRuleGroupStatement.ruleActionOverrides ?? []) : [],
    );

  it.each(Object.entries(BODY_RULES))("only counts what the rules of %s find in a body", (group, names) => {
    for (const name of names) expect(overridesOf(group)).toContainEqual({ name, actionToUse: { count: {} } });
  });

  it("only counts requests without User-Agent, and blocks all else that these groups block", () => {
    const counted = Object.keys(BODY_RULES).flatMap((group) => overridesOf(group) as { name: string }[]);
    expect(counted.map(({ name }) => name).toSorted()).toEqual(
      ["NoUserAgent_HEADER", ...Object.values(BODY_RULES).flat()].toSorted(),
    );
  });
});

function loadedProd(): ResolvedGraph {
  return resolve(loadGraph(fileOf("prod")));
}

function functionsOfRoutes(graph: ResolvedGraph): ResolvedResource[] {
  const routes = graph.resources.filter(({ type }) => type === "aws:apigatewayv2/route:Route");
  return routes.map(({ inputs }) => {
    const integration = find(graph, ({ outputs }) => inputs.target === `integrations/${outputs.id}`);
    return find(graph, ({ outputs }) => outputs.arn === integration.inputs.integrationUri);
  });
}

function statementsOf(role: ResolvedResource): Statement[] {
  const policies = (role.inputs.inlinePolicies ?? []) as { policy: string }[];
  return policies.flatMap(({ policy }) => JSON.parse(policy).Statement as Statement[]);
}

/**
 * True if an ARN of a policy, in which `*` stands for any text, is a table's or one of its
 * indexes'.
 */
function covers(pattern: string, table: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const arn = new RegExp(`^${parts.join(".*")}$`);
  return [table, `${table}/index/any`].some((one) => arn.test(one));
}

function find({ resources }: ResolvedGraph, wanted: (resource: ResolvedResource) => boolean): ResolvedResource {
  const found = resources.filter(wanted);
  expect(found).toHaveLength(1);
  return found[0] as ResolvedResource;
}

function objectOf(value: unknown): Record<string, unknown> {
  return Object(value) as Record<string, unknown>;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
