import type { DocumentedOperation } from "@secure-backend/core/api/document";

import type { ResolvedGraph } from "../resolve";
import { requireCors } from "./cors";
import { HEADERS, operationObject } from "./operation";
import { type ApiRoute, apiRoutes, scopeDescriptions } from "./routes";
import { type JsonObject, namedSchemas } from "./schema";
import { securitySchemes } from "./security";
import { type Responses, shareResponses } from "./shared-responses";

/**
 * The API as an OpenAPI 3.1 document: paths, scopes and who may call from the graph, bodies and
 * answers from the operations.
 * It is the same for every stage: whoever serves it puts its addresses in place of the relative ones.
 *
 * @param operations by `METHOD /path`
 * @throws Error for a route that no operation describes, and for an operation without a route
 */
export function openApiDocument(graph: ResolvedGraph, operations: Record<string, DocumentedOperation>): JsonObject {
  const routes = apiRoutes(graph);
  for (const { method, path } of routes) {
    if (!Object.keys(operations).some((key) => leadsTo(key, method, path))) {
      throw new Error(
        `the route "${method} ${path}" is described by no operation: list its docs in packages/core/src/api/operations.ts`,
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
    info: { title: "Secure Backend", version: "1.0.0", description: ABOUT },
    servers: [{ url: "/" }],
    paths: documented,
    components: {
      headers: HEADERS,
      ...(Object.keys(responses).length > 0 && { responses }),
      schemas: namedSchemas(),
      ...(Object.keys(schemes).length > 0 && { securitySchemes: schemes }),
    },
  };
}

const ABOUT =
  "A secure, logged, monitored HTTP API. Errors of its functions are problem details (RFC 9457); those that API Gateway " +
  'answers itself are `{"message": "..."}`. Every answer has the id of its request in `apigw-requestid`, under which it stands in the access log.';

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

/** Throws an Error if API Gateway and the function do not ask for the same scope. */
function requireSameAccess({ key, scope }: DocumentedOperation, { access }: ApiRoute): void {
  if (access.by !== "token" && access.by !== "nobody" && scope === undefined) return;
  const asked = access.by === "token" ? access.scopes.join(" ") : undefined;
  if (asked === scope) return;
  const [ofRoute, ofOperation] = [asked, scope].map((name) => (name === undefined ? "is public" : `asks for ${name}`));
  throw new Error(`the route of "${key}" ${ofRoute}, and its operation ${ofOperation}`);
}

function leadsTo(key: string, method: string, path: string): boolean {
  return method === "ANY" ? key.endsWith(` ${path}`) : key === `${method} ${path}`;
}
