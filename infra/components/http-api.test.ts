import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { synthesised } from "../../packages/graph/test/synthesised";

const infra = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "http-api-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CREATE = `
  const people = users();
  const http = httpApi({ publicRoutes: ["GET /health"] });
  const api = http.secure(new sst.aws.ApiGatewayV2("Things", http.args({ cors: CORS })), people);
  const things = secureFunction("ReadThings", { handler: "src/things.handler", description: "Reads things" });`;

describe("an API whose routes anybody could call", () => {
  it.each([
    [
      "a route that its function leaves public",
      `api.serve(things, { "GET /secret": "public" });`,
      'route "GET /secret" has no authorizer and is not among the public routes in infra/promises.ts',
    ],
    [
      "a method that is public for another path only",
      `api.serve(things, { "POST /health": "public" });`,
      'route "POST /health" has no authorizer and is not among the public routes in infra/promises.ts',
    ],
    [
      "a route that is added without serve()",
      `raw.route("GET /secret", things.lambda.arn);`,
      'route "GET /secret" has no authorizer and is not among the public routes in infra/promises.ts',
    ],
    [
      "a route whose own transform drops the authorizer",
      `raw.route("GET /secret", things.lambda.arn, {
         auth: { jwt: { authorizer: "a", scopes: ["things/read"] } },
         transform: { route: { authorizationType: "NONE" } },
       });`,
      'route "GET /secret" has no authorizer and is not among the public routes in infra/promises.ts',
    ],
    [
      "a route that takes any token",
      `raw.route("GET /secret", things.lambda.arn, { auth: { jwt: { authorizer: "a", scopes: [] } } });`,
      'route "GET /secret" asks for a token and for no scope',
    ],
  ])("%s fails the synthesis", async (_title, body, message) => {
    await expect(synth(`${CREATE} const raw = api.api; ${body} return api.publish();`)).rejects.toThrow(message);
  });
});

describe("an API that is put together wrongly", () => {
  it.each([
    [
      "created without http.args",
      `const http = httpApi({ publicRoutes: [] });
       http.secure(new sst.aws.ApiGatewayV2("Things"), users());`,
      "http.secure: expected an sst.aws.ApiGatewayV2 that was created with http.args(...)",
    ],
    [
      "never published",
      `${CREATE} api.serve(things, { "GET /things": "things/read" });`,
      'Things is not published: end run() with "return api.publish()"',
    ],
    [
      "with a route after publish()",
      `${CREATE} api.publish(); api.serve(things, { "GET /things": "things/read" });`,
      "Things: routes must be added before publish()",
    ],
    [
      "with two routes of one logical name",
      `${CREATE} api.serve(things, { "GET /things/{id}": "things/read", "GET /things/id": "things/read" });`,
      'routes "GET /things/{id}" and "GET /things/id" have the same logical name: GetThingsId',
    ],
    [
      "with a method that browsers may not use",
      `${CREATE} api.serve(things, { "PUT /things": "things/write" });`,
      'route "PUT /things": browsers may not send PUT: add it to allowMethods of Things',
    ],
    [
      "with two grants of one variable",
      `const table = secureTable("Things", { fields: { pk: "string" }, primaryIndex: { hashKey: "pk" } });
       const uses = [table.grant("TABLE", ["GetItem"]), table.grant("TABLE", ["PutItem"])];
       secureFunction("ReadThings", { handler: "src/things.handler", description: "Reads things", uses });`,
      "function ReadThings: two grants use the variable TABLE",
    ],
    [
      "with an index that cannot be read",
      `const table = secureTable("Things", {
         fields: { pk: "string", owner: "string" },
         primaryIndex: { hashKey: "pk" },
         globalIndexes: { byOwner: { hashKey: "owner" } },
       });
       table.grant("TABLE", ["GetItem"], { indexes: ["byOwner"] });`,
      "table Things: TABLE names indexes, but neither Query nor Scan is among the actions",
    ],
  ])("%s fails the synthesis", async (_title, body, message) => {
    await expect(synth(body)).rejects.toThrow(message);
  });
});

describe("two APIs in one app", () => {
  it("have routes, permissions, logs and alarms of their own, and share users and the alarm topic", async () => {
    const { resources } = await synth(`
      ${CREATE}
      api.serve(things, { "GET /health": "public", "GET /things/{id}": "things/read" });
      const partners = httpApi({ publicRoutes: [], prefix: "Partner" });
      const second = partners.secure(new sst.aws.ApiGatewayV2("Partners", partners.args({ cors: CORS })), people);
      const orders = secureFunction("ReadOrders", { handler: "src/orders.handler", description: "Reads orders" });
      second.serve(orders, { "ANY /things/{id}": "orders/read" });
      second.publish();
      return api.publish({ traffic: rollUpTraffic(api) });`);
    const named = (type: string) => resources.filter((resource) => resource.type === type);
    const values = (type: string, key: string) => named(type).map(({ inputs }) => inputs[key]);

    const routes = named("aws:apigatewayv2/route:Route").map(({ inputs }) => [
      inputs.routeKey,
      inputs.authorizationType,
      inputs.authorizationScopes,
    ]);
    expect(routes.sort()).toEqual([
      ["ANY /things/{id}", "JWT", ["orders/read"]],
      ["GET /health", "NONE", undefined],
      ["GET /things/{id}", "JWT", ["things/read"]],
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
      expect.arrayContaining(["/aws/apigateway/Things/dev", "/aws/apigateway/Partners/dev"]),
    );
    const alarms = values("aws:cloudwatch/metricAlarm:MetricAlarm", "name");
    expect(alarms).toContain("SecureBackend-dev-ServerErrors");
    expect(alarms).toContain("SecureBackend-dev-PartnerServerErrors");
    expect(alarms).toContain("SecureBackend-dev-PartnerReadOrdersErrors");
    expect(alarms).not.toContain("SecureBackend-dev-ReadOrdersErrors");
    expect(new Set(alarms).size).toBe(alarms.length);
    expect(named("aws:sns/topic:Topic")).toHaveLength(1);
    expect(named("aws:cognito/userPool:UserPool")).toHaveLength(1);
  });

  it("apply the caller's own transforms too", async () => {
    const { resources } = await synth(`
      const http = httpApi({ publicRoutes: ["GET /health"] });
      const args = http.args({
        cors: CORS,
        transform: {
          api: { description: "Mine" },
          stage: (stage) => { stage.tags = { mine: "yes" }; },
          route: { args: (route) => { route.transform = { integration: { timeoutMilliseconds: 5000 } }; } },
        },
      });
      const api = http.secure(new sst.aws.ApiGatewayV2("Things", args), users());
      const health = secureFunction("Health", { handler: "src/health.handler", description: "Is well" });
      api.serve(health, { "GET /health": "public" });
      return api.publish();`);
    const one = (type: string) => resources.find((resource) => resource.type === type)?.inputs;
    expect(one("aws:apigatewayv2/api:Api")).toMatchObject({ description: "Mine", name: "Things-dev" });
    expect(one("aws:apigatewayv2/stage:Stage")).toMatchObject({ tags: { mine: "yes" }, name: "dev" });
    expect(one("aws:apigatewayv2/integration:Integration")).toMatchObject({ timeoutMilliseconds: 5000 });
    expect(one("aws:lambda/permission:Permission")?.sourceArn).toMatch(/#executionArn\}\/dev\/GET\/health$/);
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
