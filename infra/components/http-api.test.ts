import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Graph } from "@backend/sst-graph/graph";
import { resolve } from "@backend/sst-graph/resolve";
import { findingsIn } from "@backend/sst-policy/judge";
import { synthesised } from "@backend/testing/synthesised";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { APP } from "../app";
import { PROMISES } from "../tools/policy";

const infra = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "http-api-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Mistakes that throw at once, each with the message that it is refused with. */
const MISTAKES: [title: string, body: string, message: string][] = [
  [
    "a public route that is not among the promises",
    `api.serve(things, { "GET /secret": "public" });`,
    'route "GET /secret" is public, and infra/promises.ts does not list it',
  ],
  [
    "a method that is public for another path only",
    `api.serve(things, { "POST /health": "public" });`,
    'route "POST /health" is public, and infra/promises.ts does not list it',
  ],
  [
    "a permission that does not exist",
    `api.serve(things, { "GET /things": "traffic/raed" });`,
    'route "GET /things": packages/core/src/permissions.ts has no permission "traffic/raed"',
  ],
  [
    "a function of public routes whose callers would be counted",
    `api.serve(things, { "GET /health": "public" });`,
    "function NAMEThings serves public routes only: set isPublic: true",
  ],
  [
    "a public function of routes with permissions",
    `api.serve(secureFunction("NAMEOpen", { ...FUNCTION, isPublic: true }), { "GET /things": "traffic/read" });`,
    "function NAMEOpen serves routes with permissions: remove isPublic",
  ],
  [
    "a route that is added without serve()",
    `raw.route("GET /secret", things.lambda.arn);`,
    "NAME: routes are added with api.serve",
  ],
  [
    "a route to another address",
    `raw.routeUrl("GET /secret", "https://example.com");`,
    "NAME: routes are added with api.serve",
  ],
  ["a route after publish()", `api.publish(); api.serve(things, {});`, "NAME: add routes before publish()"],
  ["a second publish()", `api.publish(); api.publish();`, "NAME: publish() was called twice"],
  [
    "two routes of one logical name",
    `api.serve(things, { "GET /things/{id}": "traffic/read", "GET /things/id": "traffic/read" });`,
    'routes "GET /things/{id}" and "GET /things/id" have the same logical name: GetThingsId',
  ],
  [
    "a method that CORS does not allow",
    `api.serve(things, { "PUT /things": "traffic/read" });`,
    'route "PUT /things": CORS does not allow PUT. Add it to cors.allowMethods of NAME.',
  ],
  [
    "an API that was created without http.args",
    `http.secure(new sst.aws.ApiGatewayV2("Plain"), people);`,
    "http.secure: expected an sst.aws.ApiGatewayV2 that was created with http.args(...)",
  ],
  [
    "two APIs with the same arguments",
    `new sst.aws.ApiGatewayV2("Second", args);`,
    "NAME: use the result of http.args for one API only",
  ],
  [
    "two APIs with one prefix",
    `httpApi({ publicRoutes: [], prefix: "NAME" });`,
    'httpApi: another API has the prefix "NAME": give this one its own',
  ],
  [
    "an API without a client whose tokens it could accept",
    `http.secure(raw, { ...people, audiences: [] });`,
    "NAME: stage dev has no client whose tokens it could accept: see infra/stage.ts",
  ],
  [
    "two grants of one variable",
    `secureFunction("A", {
       ...FUNCTION, uses: [table.grant("TABLE", ["GetItem"]), table.grant("TABLE", ["PutItem"])],
     });`,
    "function A: the variable TABLE is set twice",
  ],
  [
    "a variable that secureFunction sets itself",
    `secureFunction("A", { ...FUNCTION, environment: { ORIGIN_SECRETS: "mine" } });`,
    "function A: the variable name ORIGIN_SECRETS is reserved",
  ],
  [
    "a grant of every action",
    `const permissions = [{ actions: ["s3:*"], resources: ["*"] }];
     secureFunction("A", { ...FUNCTION, uses: [{ variable: "BUCKET", value: "b", permissions }] });`,
    "function A: name each action of BUCKET, without *",
  ],
  [
    "a function that runs longer than API Gateway waits",
    `secureFunction("A", { ...FUNCTION, timeout: "31 seconds" });`,
    "function A: API Gateway waits for 30 seconds, and timeout is 31 seconds",
  ],
  [
    "an index without an action that reads it",
    `table.grant("TABLE", ["GetItem"], { indexes: ["byOwner"] });`,
    "table Things: TABLE names indexes, but neither Query nor Scan is among the actions",
  ],
];

describe("a mistake in sst.config.ts", () => {
  // One synthesis for all: each has an API of its own, which is published after it.
  it("is refused with what is wrong", async () => {
    const attempts = MISTAKES.map(([title, body], index) => {
      const name = `Api${index}`;
      const text = body.replaceAll("NAME", name);
      return `attempt(${JSON.stringify(title)}, "${name}", (api, raw, http, args, things) => { ${text} });`;
    });
    const { outputs } = await synth(`
      const people = users();
      const table = secureTable("Things", {
        fields: { pk: "string", owner: "string" },
        primaryIndex: { hashKey: "pk" },
        globalIndexes: { byOwner: { hashKey: "owner" } },
      });
      const FUNCTION = { handler: "src/a.handler", description: "A" };
      const errors = {};
      function attempt(title, name, mistake) {
        const http = httpApi({ publicRoutes: ["GET /health"], prefix: name });
        const args = http.args({ cors: CORS });
        const raw = new sst.aws.ApiGatewayV2(name, args);
        const api = http.secure(raw, people);
        const things = secureFunction(name + "Things", FUNCTION);
        try {
          mistake(api, raw, http, args, things);
        } catch (error) {
          errors[title] = error.message;
        }
        try { api.publish(); } catch {}
      }
      ${attempts.join("\n")}
      return { errors };`);
    const expected = MISTAKES.map(([title, , message], index) => [title, message.replaceAll("NAME", `Api${index}`)]);
    expect(outputs.errors).toEqual(Object.fromEntries(expected));
  });

  it.each([
    [
      "an API that is never published",
      `const http = httpApi({ publicRoutes: [] });
       http.secure(new sst.aws.ApiGatewayV2("Things", http.args({ cors: CORS })), users());`,
    ],
    [
      "an API that is never secured",
      `const http = httpApi({ publicRoutes: [] });
       new sst.aws.ApiGatewayV2("Things", http.args({ cors: CORS }));`,
    ],
  ])("%s fails the synthesis", async (_title, body) => {
    await expect(synth(body)).rejects.toThrow('Things is not published: end run() with "return api.publish()"');
  });
});

describe("two APIs in one app, in a stage with a webhook", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synth(`
      const { stagePolicy } = await import(${JSON.stringify(path.join(infra, "stage"))});
      stagePolicy($app.stage).alarms.webhook = true;
      const people = users();
      const http = httpApi({ publicRoutes: ["GET /health"] });
      const api = http.secure(new sst.aws.ApiGatewayV2("Things", http.args({ cors: CORS })), people);
      const things = secureFunction("ReadThings", { handler: "src/things.handler", description: "Reads things" });
      api.serve(things, { "GET /health": "public", "GET /things/{id}": "traffic/read" });
      const partners = httpApi({ publicRoutes: [], prefix: "Partner" });
      const second = partners.secure(new sst.aws.ApiGatewayV2("Partners", partners.args({ cors: CORS })), people);
      const orders = secureFunction("ReadOrders", { handler: "src/orders.handler", description: "Reads orders" });
      second.serve(orders, { "ANY /things/{id}": "traffic/read" });
      second.publish();
      rollUpTraffic(api);
      return api.publish();`);
  });

  it("post alarms to the secret URL, by a function with alarms, a queue and nothing that the policy finds", () => {
    const { resources } = resolve(graph);
    const find = (type: string, name: string) => resources.find((one) => one.type === type && one.name === name);
    const post = find("aws:lambda/function:Function", "AlarmWebhookFunction");
    expect(post?.inputs).toMatchObject({
      environment: { variables: { ALARM_WEBHOOK_URL: "secret(AlarmWebhookUrl)" } },
      deadLetterConfig: { targetArn: find("aws:sqs/queue:Queue", "AlarmWebhookDeadLettersQueue")?.outputs.arn },
    });
    const topic = find("aws:sns/topic:Topic", "Alarms")?.outputs.arn;
    expect(find("aws:sns/topicSubscription:TopicSubscription", "AlarmWebhookSubscription")?.inputs).toMatchObject({
      ...{ topic, protocol: "lambda", endpoint: post?.outputs.arn },
    });
    expect(find("aws:lambda/permission:Permission", "AlarmWebhookPermission")?.inputs).toMatchObject({
      ...{ principal: "sns.amazonaws.com", sourceArn: topic },
    });
    const alarms = resources.map(({ inputs }) => inputs.name);
    for (const name of ["Errors", "Throttles", "Late", "DeadLetters"])
      expect(alarms).toContain(`${APP.prefix}-dev-AlarmWebhook${name}`);
    const findings = findingsIn({ ...graph, removal: "remove" }, { ...PROMISES, operations: undefined });
    expect(
      findings.filter(({ urn }) => urn.includes("AlarmWebhook")).map(({ rule, message }) => [rule.id, message]),
    ).toEqual([]);
  });

  it("have routes, permissions, logs and alarms of their own, and share users and the alarm topic", () => {
    const { resources } = graph;
    const named = (type: string) => resources.filter((resource) => resource.type === type);
    const values = (type: string, key: string) => named(type).map(({ inputs }) => inputs[key]);

    const routes = named("aws:apigatewayv2/route:Route").map(({ inputs }) => [
      inputs.routeKey,
      inputs.authorizationType,
      inputs.authorizationScopes,
    ]);
    expect(routes.sort()).toEqual([
      ["ANY /things/{id}", "JWT", ["traffic/read"]],
      ["GET /health", "NONE", undefined],
      ["GET /things/{id}", "JWT", ["traffic/read"]],
    ]);
    const authorizers = named("aws:apigatewayv2/authorizer:Authorizer");
    expect(authorizers).toHaveLength(2);
    for (const route of named("aws:apigatewayv2/route:Route").filter(({ inputs }) => inputs.authorizationScopes))
      expect(JSON.stringify(route.inputs.authorizerId)).toContain(
        String(route.name).startsWith("Partners") ? "Partners" : "Things",
      );

    const invokedBy = named("aws:lambda/permission:Permission")
      .filter(({ inputs }) => inputs.principal === "apigateway.amazonaws.com")
      .map(({ inputs }) => String(inputs.sourceArn).replace(/^.*::(\w+)Api#executionArn\}/, "$1"));
    expect(invokedBy.sort()).toEqual([
      "Partners/dev/*/things/{id}",
      "Things/dev/GET/health",
      "Things/dev/GET/things/{id}",
    ]);
    expect(values("aws:cloudwatch/logGroup:LogGroup", "name")).toEqual(
      expect.arrayContaining(["Things", "Partners"].map((name) => `/aws/apigateway/${APP.prefix}${name}/dev`)),
    );
    const alarms = values("aws:cloudwatch/metricAlarm:MetricAlarm", "name");
    expect(alarms).toContain(`${APP.prefix}-dev-ServerErrors`);
    expect(alarms).toContain(`${APP.prefix}-dev-PartnerServerErrors`);
    expect(alarms).toContain(`${APP.prefix}-dev-PartnerReadOrdersErrors`);
    expect(alarms).not.toContain(`${APP.prefix}-dev-ReadOrdersErrors`);
    expect(new Set(alarms).size).toBe(alarms.length);
    expect(named("aws:sns/topic:Topic")).toHaveLength(1);
    expect(named("aws:cognito/userPool:UserPool")).toHaveLength(1);
  });

  it("let browsers use each method once, however often it is listed", async () => {
    const { resources } = await synth(`
      const http = httpApi({ publicRoutes: [] });
      const args = http.args({ cors: { allowMethods: ["GET", "PUT", "PUT", "GET"], allowHeaders: ["authorization"] } });
      const api = http.secure(new sst.aws.ApiGatewayV2("Things", args), users());
      const things = secureFunction("Things1", { handler: "src/things.handler", description: "Reads things" });
      api.serve(things, { "GET /things": "traffic/read" });
      return api.publish();`);
    const { inputs } = resources.find(({ type }) => type === "aws:apigatewayv2/api:Api") ?? {};
    expect(inputs?.corsConfiguration).toMatchObject({ allowMethods: ["GET", "PUT"] });
  });

  it("apply the caller's own transforms, which cannot undo what makes the API secure", async () => {
    const { resources } = await synth(`
      const http = httpApi({ publicRoutes: [] });
      const args = http.args({
        cors: CORS,
        transform: {
          api: { description: "Mine", corsConfiguration: { allowOrigins: ["*"] } },
          stage: (stage) => {
            stage.tags = { mine: "yes" };
            delete stage.accessLogSettings;
            stage.defaultRouteSettings = { throttlingRateLimit: 100000 };
          },
          logGroup: { retentionInDays: 1 },
          route: {
            args: (route) => {
              const open = { authorizationType: "NONE", authorizationScopes: [] };
              route.transform = { integration: { timeoutMilliseconds: 5000 }, route: open };
            },
          },
        },
      });
      const api = http.secure(new sst.aws.ApiGatewayV2("Things", args), users());
      const things = secureFunction("Things1", { handler: "src/things.handler", description: "Reads things" });
      api.serve(things, { "GET /things": "traffic/read" });
      return api.publish();`);
    const one = (type: string) => resources.find((resource) => resource.type === type)?.inputs;
    expect(one("aws:apigatewayv2/api:Api")).toMatchObject({ description: "Mine", name: `${APP.prefix}Things-dev` });
    expect(JSON.stringify(one("aws:apigatewayv2/api:Api")?.corsConfiguration)).not.toContain("*");
    expect(one("aws:apigatewayv2/stage:Stage")).toMatchObject({
      tags: { mine: "yes" },
      name: "dev",
      accessLogSettings: { format: expect.stringContaining("requestId") },
      defaultRouteSettings: { throttlingRateLimit: 100, throttlingBurstLimit: 200 },
    });
    const logGroup = resources.find(({ name }) => name === "ThingsAccessLog");
    expect(logGroup?.inputs.retentionInDays).toBe(30); // SST's default: 1 month
    expect(one("aws:apigatewayv2/route:Route")).toMatchObject({
      authorizationType: "JWT",
      authorizationScopes: ["traffic/read"],
    });
    expect(one("aws:apigatewayv2/integration:Integration")).toMatchObject({ timeoutMilliseconds: 5000 });
    expect(one("aws:lambda/permission:Permission")?.sourceArn).toMatch(/#executionArn\}\/dev\/GET\/things$/);
  });
});

async function synth(body: string) {
  writeFileSync(
    path.join(folder, "sst.config.ts"),
    `export default $config({
      app: () => ({ name: "things", home: "aws", providers: { aws: { region: "eu-west-1" } } }),
      async run() {
        const CORS = { allowMethods: ["GET", "POST"], allowHeaders: ["authorization"] };
        const { httpApi, rollUpTraffic, secureFunction, secureTable, users } =
          await import(${JSON.stringify(path.join(infra, "components"))});
        ${body}
      },
    });`,
  );
  return await synthesised(folder);
}
