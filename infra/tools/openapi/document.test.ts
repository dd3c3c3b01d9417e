import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { DocumentedOperation } from "@backend/platform/api/document";
import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";
import { Validator } from "@seriousme/openapi-schema-validator";
import { convertV2 } from "openapi-to-postmanv2";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { openApiDocument } from "./document";
import { openApiFile, openApiText } from "./write";

const repository = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");
const committed = readFileSync(openApiFile(repository), "utf8");

describe("the committed OpenAPI document", () => {
  it.each(["dev", "test", "prod"])("is what the graph of %s and core make (if not: pnpm openapi)", (stage) => {
    expect(committed).toBe(openApiText(repository, stage));
  });

  // The OpenAPI Initiative's own JSON Schema of 3.1, as this validator brings it along.
  it("is a valid document of OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(committed))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it("becomes a Postman collection with every operation, by Postman's own converter", async () => {
    const { paths } = JSON.parse(committed) as { paths: Record<string, object> };
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
    const collection = await toPostman(committed);
    expect(requestsIn(collection)).toBe(operations.length);
  });

  it("gives every operation an id of its own, and every reference a target", () => {
    const document = JSON.parse(committed);
    const ids = [...committed.matchAll(/"operationId": "(.*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, name = ""] of committed.matchAll(/"\$ref": "#\/(.*)"/g)) {
      expect(name.split("/").reduce((part, key) => part?.[key], document)).toBeTypeOf("object");
    }
  });
});

describe("an OpenAPI document", () => {
  it("asks for the scopes of the graph's route, and for nothing on a public one", () => {
    const { paths } = openApiDocument(graphOf(["GET /open"], ["POST /events", ["audit/write"]]), {
      "GET /open": operation("open"),
      "POST /events": operation("record", "audit/write"),
    });
    expect(paths).toMatchObject({
      "/open": { get: { operationId: "open", security: [] } },
      "/events": { post: { operationId: "record", security: [{ cognito: ["audit/write"] }] } },
    });
  });

  it.each<[scopes: string[] | undefined, scope: string | undefined, message: string]>([
    [undefined, "audit/read", 'the route of "" is public, and its operation asks for audit/read'],
    [["audit/write"], undefined, 'the route of "" asks for audit/write, and its operation is public'],
    [["audit/write"], "audit/read", 'the route of "" asks for audit/write, and its operation asks for audit/read'],
  ])("is refused where route and function differ in who may call: %j and %j", (scopes, scope, message) => {
    const graph = graphOf(scopes === undefined ? ["GET /a"] : ["GET /a", scopes]);
    expect(() => openApiDocument(graph, { "GET /a": operation("a", scope) })).toThrow(message);
  });

  // https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
  it("is refused where only the function would check the permission of a signed request", () => {
    const graph = { ...EMPTY, resources: [route("GET /a", { authorizationType: "AWS_IAM" })] };
    expect(() => openApiDocument(graph, { "GET /a": operation("a", "audit/read") })).toThrow(
      'the route of "" asks for a signature, and its operation asks for audit/read',
    );
  });

  it("asks for a signature or an authorizer's header where the route does: neither is public", async () => {
    const iam = route("GET /iam", { authorizationType: "AWS_IAM" });
    const custom = route("GET /custom", { authorizationType: "CUSTOM", authorizerId: "abc" });
    const source = ["$request.header.X-Api-Key"];
    const authorizer = {
      ...route("Partners", { authorizerType: "REQUEST", identitySources: source }),
      outputs: { id: "abc" },
    };
    const graph = {
      ...EMPTY,
      resources: [iam, custom, { ...authorizer, type: "aws:apigatewayv2/authorizer:Authorizer" }],
    };
    const document = openApiDocument(graph, { "GET /iam": operation("iam"), "GET /custom": operation("custom") });
    expect(document).toMatchObject({
      paths: {
        "/iam": { get: { security: [{ signature: [] }], responses: { 403: {} } } },
        "/custom": { get: { security: [{ Partners: [] }], responses: { 401: {}, 403: {} } } },
      },
      components: {
        securitySchemes: {
          signature: { type: "apiKey", in: "header", name: "Authorization" },
          Partners: { type: "apiKey", in: "header", name: "X-Api-Key" },
        },
      },
    });
    expect(await new Validator().validate(document)).toEqual({ valid: true });
  });

  it.each([
    ["an authorizer that is not there", { authorizationType: "CUSTOM", authorizerId: "abc" }, "names an authorizer"],
    ["a type that nobody knows", { authorizationType: "MAGIC" }, 'found "MAGIC"'],
  ])("is refused for a route with %s", (_title, inputs, message) => {
    const graph = { ...EMPTY, resources: [route("GET /a", inputs)] };
    expect(() => openApiDocument(graph, { "GET /a": operation("a") })).toThrow(message);
  });

  it("says which answers are API Gateway's own", () => {
    const { paths } = openApiDocument(graphOf(["GET /open"], ["GET /events", ["audit/read"]]), {
      "GET /open": operation("open"),
      "GET /events": operation("list", "audit/read"),
    });
    const statuses = (at: string) =>
      Object.keys((paths as Record<string, { get: { responses: object } }>)[at]?.get.responses ?? {});
    expect(statuses("/open")).toEqual(["200", "429", "500", "503"]);
    expect(statuses("/events")).toEqual(["200", "401", "403", "429", "500", "503"]);
  });

  // https://spec.openapis.org/oas/v3.1.1.html#reference-object
  it("states a response that operations share once", () => {
    const { paths, components } = openApiDocument(graphOf(["GET /a"], ["GET /b"]), {
      "GET /a": operation("a"),
      "GET /b": { ...operation("b"), responses: { 200: { description: "Other", content: z.string() } } },
    });
    const shared = { $ref: "#/components/responses/TooManyRequests" };
    expect(paths).toMatchObject({
      "/a": { get: { responses: { 200: { description: "Done" }, 429: shared } } },
      "/b": { get: { responses: { 200: { description: "Other" }, 429: shared } } },
    });
    expect(components).toMatchObject({ responses: { TooManyRequests: { description: "Too many requests" } } });
  });

  it.each([
    ["a method", { allowMethods: ["GET"], allowHeaders: ["*"] }, "CORS does not allow the method PUT"],
    ["a header", { allowMethods: ["*"], allowHeaders: ["accept"] }, "CORS does not allow the header if-match"],
  ])("is refused where CORS keeps pages from sending %s of an operation", (_title, corsConfiguration, message) => {
    const api = { ...route("", { corsConfiguration }), type: "aws:apigatewayv2/api:Api" };
    const graph = { ...EMPTY, resources: [api, route("PUT /a", {})] };
    const headers = { "if-match": { description: "Version", schema: z.string() } };
    expect(() => openApiDocument(graph, { "PUT /a": { ...operation("a"), key: "PUT /a", headers } })).toThrow(message);
  });

  it("describes several methods of a route with ANY", () => {
    const { paths } = openApiDocument(graphOf(["ANY /all"]), {
      "GET /all": operation("read"),
      "POST /all": operation("write"),
    });
    expect(paths).toMatchObject({ "/all": { get: { operationId: "read" }, post: { operationId: "write" } } });
  });

  it.each<[string, string[], string[], string]>([
    [
      "a route that nothing describes",
      ["GET /a", "GET /b"],
      ["GET /a"],
      'the route "GET /b" is described by no operation',
    ],
    ["an operation without a route", ["GET /a"], ["GET /a", "POST /a"], 'the operation "POST /a" has no route'],
  ])("is refused for %s", (_title, routes, operations, message) => {
    const described = Object.fromEntries(operations.map((key) => [key, operation(key)]));
    expect(() => openApiDocument(graphOf(...routes.map((key): [string] => [key])), described)).toThrow(message);
  });

  it("is refused where a parameter of the path is not described", () => {
    expect(() => openApiDocument(graphOf(["GET /a/{id}"]), { "GET /a/{id}": operation("find") })).toThrow(
      'the operation "find" does not describe {id} of /a/{id}',
    );
  });
});

function operation(id: string, scope?: string): DocumentedOperation {
  const responses = { 200: { description: "Done", content: z.string() } };
  return { key: "", id, scope, summary: id, headers: {}, responses, examples: {} };
}

function route(routeKey: string, inputs: ResolvedResource["inputs"]): ResolvedResource {
  return {
    urn: routeKey,
    type: "aws:apigatewayv2/route:Route",
    name: routeKey,
    inputs: { routeKey, ...inputs },
    outputs: {},
  };
}

function graphOf(...routes: [routeKey: string, scopes?: string[]][]): ResolvedGraph {
  const resources = routes.map(([routeKey, scopes], index) => ({
    urn: `urn:${index}`,
    type: "aws:apigatewayv2/route:Route",
    name: routeKey,
    inputs: { routeKey, ...(scopes && { authorizationType: "JWT", authorizationScopes: scopes }) },
    outputs: {},
  }));
  return { ...EMPTY, resources };
}

const EMPTY: ResolvedGraph = {
  version: 1,
  app: "app",
  stage: "dev",
  region: "eu-west-1",
  removal: "remove",
  protect: false,
  tags: {},
  resources: [],
  functions: [],
  outputs: {},
};

interface Item {
  item?: Item[];
  request?: unknown;
}

function toPostman(data: string): Promise<Item> {
  return new Promise((resolve, reject) => {
    convertV2({ type: "string", data }, {}, (error, converted) => {
      const collection = converted?.output?.[0]?.data;
      if (collection !== undefined) resolve(collection as Item);
      else reject(error ?? new Error(converted?.reason));
    });
  });
}

function requestsIn({ item = [], request }: Item): number {
  return item.reduce((sum, child) => sum + requestsIn(child), request === undefined ? 0 : 1);
}
