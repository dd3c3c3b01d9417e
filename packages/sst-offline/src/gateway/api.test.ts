import { describe, expect, it } from "vitest";

import { type FixtureApi, fixtureProject, jwtRoute } from "../../test/project";
import { readFixture } from "../../test/reading";

describe("a graph that offline cannot serve as AWS does", () => {
  it.each<[string, object, string]>([
    ["a Lambda authorizer", { route: { authorizationType: "CUSTOM" } }, 'route "GET /a" requires CUSTOM authorization'],
    [
      "an authorizer that is not there",
      { route: { authorizationType: "JWT" } },
      'route "GET /a" has the authorizer undefined',
    ],
    ["an IAM route", { route: { authorizationType: "AWS_IAM" } }, 'route "GET /a" requires AWS_IAM authorization'],
    [
      "payload format 1.0",
      { integration: { payloadFormatVersion: "1.0" } },
      'route "GET /a": only AWS_PROXY integrations with payload format 2.0',
    ],
    ["a URL integration", { integration: { integrationType: "HTTP_PROXY" } }, 'route "GET /a": only AWS_PROXY'],
    [
      "a foreign function",
      { integration: { integrationUri: "arn:aws:lambda:eu-west-1:111111111111:function:Other" } },
      'route "GET /a" invokes arn:aws:lambda',
    ],
  ])("with %s is rejected", (_title, changes, message) => {
    const project = fixtureProject({ "GET /a": { source: "export const handler = 1;", ...changes } });
    expect(() => readFixture(project)).toThrow(message);
    project.remove();
  });

  it("with an access log format that API Gateway rejects is rejected", () => {
    const project = fixtureProject({}, { format: "$context.requestId $context.rawQueryString" });
    expect(() => readFixture(project)).toThrow("$context.rawQueryString");
    project.remove();
  });

  it.each<[string, FixtureApi, string]>([
    [
      "a throttle of 0",
      { stage: throttle(0, 200) },
      "throttlingRateLimit 0 and throttlingBurstLimit 200: every request would get status 429",
    ],
    ["a burst of 0", { stage: throttle(100, 0) }, "throttlingRateLimit 100 and throttlingBurstLimit 0"],
    // pulumi/pulumi-aws#2363: omitted limits become 0.
    [
      "route settings without limits",
      { stage: { defaultRouteSettings: { detailedMetricsEnabled: true } } },
      "throttlingRateLimit 0 and",
    ],
    ["only a rate", { stage: { defaultRouteSettings: { throttlingRateLimit: 100 } } }, "throttlingBurstLimit 0"],
    // anomalyco/sst#4501
    [
      "settings of single routes",
      { stage: { routeSettings: [{ routeKey: "GET /a" }] } },
      "the stage has routeSettings",
    ],
    [
      "an invalid identity source",
      { authorizer: { issuer: "https://a.example", audiences: ["a"], identitySource: "$context.x" } },
      'identity source "$context.x": expected $request.header.NAME',
    ],
    ["no audience", { authorizer: { issuer: "https://a.example", audiences: [] } }, "it would reject every token"],
    ["an issuer that is not a URL", { authorizer: { issuer: "cognito", audiences: ["a"] } }, 'the issuer "cognito"'],
    ["half a burst", { stage: throttle(1, 0.5) }, "throttlingBurstLimit 0.5"],
    ["a fraction as maximum age", { api: { corsConfiguration: { maxAge: 1.5 } } }, "maxAge 1.5"],
    // aws/aws-cdk#9076
    [
      "credentials for every origin",
      { api: { corsConfiguration: { allowCredentials: true, allowOrigins: ["*"] } } },
      "allows credentials to every origin",
    ],
    [
      "an origin without a scheme",
      { api: { corsConfiguration: { allowOrigins: ["a.example"] } } },
      '"a.example" is not a value',
    ],
    [
      "a pattern of sub-domains",
      { api: { corsConfiguration: { allowOrigins: ["https://*.a.example"] } } },
      '"https://*.a.example" is not a value',
    ],
    [
      "an origin with a path",
      { api: { corsConfiguration: { allowOrigins: ["https://a.example/"] } } },
      '"https://a.example/" is not a value',
    ],
    [
      "a header that HTTP has not",
      { api: { corsConfiguration: { exposeHeaders: ["x-日"] } } },
      'exposeHeaders: "x-日" is not a value',
    ],
    [
      "a method that HTTP has not",
      { api: { corsConfiguration: { allowMethods: ["GET POST"] } } },
      'allowMethods: "GET POST" is not a value',
    ],
    ["a WebSocket API", { api: { protocolType: "WEBSOCKET" } }, "the protocol WEBSOCKET"],
    // The service model's bounds, and http-api-quotas.html.
    [
      "a CORS age of two days",
      { api: { corsConfiguration: { maxAge: 172_800 } } },
      "maxAge 172800: expected -1 to 86400 seconds",
    ],
    [
      "51 audiences",
      { authorizer: { issuer: "https://a.example", audiences: Array(51).fill("a") } },
      "51 audiences, 50 are allowed",
    ],
    [
      "a log group that is elsewhere",
      { stage: { accessLogSettings: { destinationArn: "arn:aws:logs:x", format: "$context.requestId" } } },
      "the access log goes to arn:aws:logs:x",
    ],
  ])("with %s is rejected", (_title, api, message) => {
    const project = fixtureProject(
      { "GET /a": { source: "export const handler = 1;", ...(api.authorizer && { route: jwtRoute() }) } },
      api,
    );
    expect(() => readFixture(project)).toThrow(message);
    project.remove();
  });
});

function throttle(throttlingRateLimit: number, throttlingBurstLimit: number) {
  return { defaultRouteSettings: { throttlingRateLimit, throttlingBurstLimit } };
}

// If these counted as no scopes, any valid token would pass.
it.each<[unknown, string]>([
  ["audit/read", 'authorizationScopes of route "GET /a": expected a list, found "audit/read"'],
  [[1], "1 is not a value that API Gateway accepts"],
  [["日本"], '"日本" is not a value'],
  [['a"b'], "is not a value that API Gateway accepts"],
])("a route with the scopes %j is rejected", (authorizationScopes, message) => {
  const route = { ...jwtRoute(), authorizationScopes: authorizationScopes as string[] };
  const authorizer = { issuer: "https://a.example", audiences: ["a"] };
  const project = fixtureProject({ "GET /a": { source: "export const handler = 1;", route } }, { authorizer });
  expect(() => readFixture(project)).toThrow(message);
  project.remove();
});

it.each([0, 49, 30_001, 50.5])("an integration with a timeout of %d ms is rejected", (timeoutMilliseconds) => {
  const project = fixtureProject({
    "GET /a": { source: "export const handler = 1;", integration: { timeoutMilliseconds } },
  });
  expect(() => readFixture(project)).toThrow(`timeoutMilliseconds ${timeoutMilliseconds}, expected 50 to 30000`);
  project.remove();
});

it("a route with scopes and no authorizer is rejected, because it would be public", () => {
  const route = { authorizationScopes: ["audit/read"] };
  const project = fixtureProject({ "GET /a": { source: "export const handler = 1;", route } });
  expect(() => readFixture(project)).toThrow('route "GET /a" has an authorizer or scopes but no authorizationType');
  project.remove();
});

it("a route with 11 scopes is rejected", () => {
  const scopes = Array.from({ length: 11 }, (_, index) => `scope-${index}`);
  const functions = { "GET /a": { source: "export const handler = 1;", route: jwtRoute(...scopes) } };
  const project = fixtureProject(functions, { authorizer: { issuer: "https://a.example", audiences: ["a"] } });
  expect(() => readFixture(project)).toThrow('route "GET /a" has 11 scopes, 10 are allowed');
  project.remove();
});
