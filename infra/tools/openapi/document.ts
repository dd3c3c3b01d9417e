import type { DocumentedOperation } from "@backend/platform/api/document";

import type { ResolvedGraph } from "@backend/sst-graph/resolve";
import { requireCors } from "./cors";
import { HEADERS, operationObject } from "./operation";
import { type Access, type ApiRoute, apiRoutes, scopeDescriptions } from "./routes";
import { type Json, type JsonObject, namedSchemas } from "./schema";
import { securitySchemes } from "./security";
import { type Responses, shareResponses } from "./shared-responses";

/**
 * The API as an OpenAPI 3.1 document: paths, scopes and who may call from the graph, bodies and
 * answers from the operations.
 * It is the same for every stage: the function that serves it fills in the stage's addresses.
 *
 * @param operations by `METHOD /path`
 * @throws Error for a route that no operation describes, and for an operation without a route
 */
export function openApiDocument(graph: ResolvedGraph, operations: Record<string, DocumentedOperation>): JsonObject {
  const routes = apiRoutes(graph);
  for (const { method, path } of routes) {
    if (!Object.keys(operations).some((key) => leadsTo(key, method, path))) {
      throw new Error(
        `the route "${method} ${path}" is described by no operation: list its docs in packages/core/src/operations.ts`,
      );
    }
  }
  const required = new Set(routes.flatMap(({ access }) => (access.by === "token" ? access.scopes : [])));
  const scopes = Object.entries(scopeDescriptions(graph)).filter(([scope]) => required.has(scope));
  const schemes = securitySchemes(routes, Object.fromEntries(scopes));
  requireCors(graph, Object.values(operations));
  const documented = paths(routes, operations);
  const responses = shareResponses(Object.values(documented).flatMap(Object.values<{ responses: Responses }>));
  return {
    openapi: "3.1.1",
    info: { title: graph.app, version: "1.0.0", description: ABOUT },
    servers: [{ url: "/" }],
    paths: documented,
    components: {
      headers: HEADERS,
      ...(Object.keys(responses).length > 0 && { responses }),
      schemas: namedSchemas({ documented, responses, HEADERS } as unknown as Json),
      ...(Object.keys(schemes).length > 0 && { securitySchemes: schemes }),
    },
  };
}

const ABOUT =
  "A secure, logged, monitored HTTP API. Functions return errors as problem details (RFC 9457). API Gateway's " +
  'own errors are `{"message": "..."}`. Each response has its request id in `apigw-requestid`: use it to find the ' +
  "request in the access log.";

function paths(routes: ApiRoute[], operations: Record<string, DocumentedOperation>) {
  const found: Record<string, Record<string, JsonObject & { responses: Responses }>> = {};
  for (const [key, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = key.split(" ");
    const route =
      routes.find((candidate) => candidate.path === path && candidate.method === method) ??
      routes.find((candidate) => candidate.path === path && candidate.method === "ANY");
    if (route === undefined) throw new Error(`the operation "${key}" has no route in the graph`);
    requireSameAccess(operation, route);
    found[path] = { ...found[path], [method.toLowerCase()]: operationObject(operation, route) };
  }
  return found;
}

/** Throws an Error if API Gateway and the function do not ask for the same. */
function requireSameAccess({ key, scope }: DocumentedOperation, { access }: ApiRoute): void {
  const asked = ASKED[access.by](access);
  const expected = scope === undefined ? "is public" : `asks for ${scope}`;
  // A function cannot tell who signed a request, or what an authorizer function checked.
  if (asked === expected || (scope === undefined && (access.by === "signature" || access.by === "function"))) return;
  throw new Error(`the route of "${key}" ${asked}, and its operation ${expected}`);
}

const ASKED: Record<Access["by"], (access: Access) => string> = {
  nobody: () => "is public",
  token: (access) => `asks for ${access.by === "token" ? access.scopes.join(" ") : ""}`,
  signature: () => "asks for a signature",
  function: () => "asks an authorizer function",
};

function leadsTo(key: string, method: string, path: string): boolean {
  return method === "ANY" ? key.endsWith(` ${path}`) : key === `${method} ${path}`;
}
