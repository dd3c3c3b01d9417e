import { OPERATIONS } from "@backend/core/operations";
import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import type { Graph, Value } from "@backend/sst-graph/graph";
import { referencesIn } from "@backend/sst-graph/reference";

import { rowsByStage } from "./by-stage";
import { code, page, table } from "./markdown";

export function routesPage(graphs: Graph[]): string {
  const headers = ["route", "function", "scope", "a person also needs", "tenant", "operations", "stages"];
  return page(
    "Routes",
    "the committed graphs in `infra/graph`, the operations and `packages/core/src/permissions.ts`",
    "A route without a scope is public. [Security](../security.md#who-may-call-what) says where each\n" +
      "column is checked.",
    table(headers, rowsByStage(graphs, routesOf)),
  );
}

function routesOf(graph: Graph): string[][] {
  const routes = graph.resources.filter(({ type }) => type === "aws:apigatewayv2/route:Route");
  return routes.map(({ inputs }) => {
    const key = String(inputs.routeKey);
    const scopes = (inputs.authorizationScopes ?? []) as string[];
    const permissions = scopes.map((scope): Permission | undefined => PERMISSIONS[scope as keyof typeof PERMISSIONS]);
    const groups = permissions.flatMap((permission) => permission?.group ?? []);
    return [
      code(key),
      functionBehind(graph, inputs.target),
      scopes.map(code).join(", "),
      groups.map((group) => `group ${code(group)}`).join(", "),
      permissions.some((permission) => permission?.perTenant) ? "exactly one" : "",
      operationsOf(key).map(code).join(", "),
    ];
  });
}

/** Returns the ids of a route's operations. An `ANY` route accepts every method of its path. */
function operationsOf(routeKey: string): string[] {
  const path = routeKey.replace(/^ANY /, "");
  const operations = Object.values(OPERATIONS).filter(
    ({ key }) => key === routeKey || (path !== routeKey && key.endsWith(` ${path}`)),
  );
  return operations.map(({ id }) => id);
}

/** Returns the name of the function's component. */
function functionBehind(graph: Graph, target: Value | undefined): string {
  const integration = resourceAt(graph, target);
  const parent = resourceAt(graph, integration?.inputs.integrationUri)?.parent;
  return parent?.split("::").at(-1) ?? "";
}

/** Returns the resource that a value refers to. */
function resourceAt(graph: Graph, value: Value | undefined) {
  const [urn] = value === undefined ? [] : referencesIn(value).map((reference) => reference.split("#")[0]);
  return graph.resources.find((resource) => resource.urn === urn);
}
