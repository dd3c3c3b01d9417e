import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, it } from "vitest";

import { synthesised } from "../packages/graph/test/synthesised";

const repository = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "routes-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TOKENS = `api.addAuthorizer({ name: "Tokens", jwt: { issuer: "https://issuer.example", audiences: ["a"] } })`;

it.each([
  [
    "without an authorizer",
    `route("GET /secret", lambda);`,
    'route "GET /secret" has no authorizer and is not among the public routes in infra/route.ts',
  ],
  [
    "whose path alone is public",
    `route("POST /openapi.json", lambda);`,
    'route "POST /openapi.json" has no authorizer and is not among the public routes in infra/route.ts',
  ],
  [
    "that takes any token",
    `route("GET /secret", lambda, { auth: { jwt: { authorizer: ${TOKENS}.id } } });`,
    'route "GET /secret" asks for a token and for no scope',
  ],
  [
    "that takes no scope",
    `route("GET /secret", lambda, { auth: { jwt: { authorizer: ${TOKENS}.id, scopes: [] } } });`,
    'route "GET /secret" asks for a token and for no scope',
  ],
  [
    "named as another one",
    `route("GET /openapi.json", lambda); route("GET /openapi/json", lambda);`,
    'route "GET /openapi/json" has the same logical name as another one: GetOpenapiJson',
  ],
])("a route %s is not deployed", async (_which, body, message) => {
  await expect(synth(body)).rejects.toThrow(message);
});

it("a route with a scope names its authorizer, and is invoked for its own path alone", async () => {
  const { resources } = await synth(`route("GET /things/{id}", lambda, withScope(${TOKENS}, "audit/read"));`);
  const authorizer = resources.find(({ type }) => type === "aws:apigatewayv2/authorizer:Authorizer");
  const route = resources.find(({ type }) => type === "aws:apigatewayv2/route:Route");
  expect(route?.inputs).toMatchObject({
    authorizationType: "JWT",
    authorizationScopes: ["audit/read"],
    authorizerId: { ref: `${authorizer?.urn}#id` },
  });
  const permission = resources.find(({ type }) => type === "aws:lambda/permission:Permission");
  expect(permission?.inputs.sourceArn).toMatch(/#executionArn\}\/dev\/GET\/things\/\{id\}$/);
});

async function synth(body: string) {
  const routes = JSON.stringify(path.join(repository, "infra/route"));
  const config = `
    export default $config({
      app: () => ({ name: "routes", home: "aws", providers: { aws: { region: "eu-west-1" } } }),
      async run() {
        const { routesOf, withScope } = await import(${routes});
        const api = new sst.aws.ApiGatewayV2("Api");
        const lambda = new sst.aws.Function("Lambda", { handler: "src/index.handler" });
        const { route } = routesOf(api);
        ${body}
      },
    });`;
  writeFileSync(path.join(folder, "sst.config.ts"), config);
  return await synthesised(folder);
}
