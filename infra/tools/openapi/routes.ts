import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

export interface ApiRoute {
  /** Upper case; `ANY` for every one. */
  method: string;
  path: string;
  access: Access;
}

/** What a caller needs to be let in by API Gateway. */
export type Access =
  | { by: "nobody" }
  /** A token with one of the scopes. */
  | { by: "token"; scopes: string[] }
  /** A signature with AWS credentials. */
  | { by: "signature" }
  /**
   * Whatever an authorizer function looks at: a header, a query parameter, or nothing that the API
   * declares.
   */
  | { by: "function"; authorizer: string; source?: { in: "header" | "query"; name: string } };

/** The routes of the graph's HTTP API, in the order of their paths. */
export function apiRoutes({ resources }: ResolvedGraph): ApiRoute[] {
  const authorizers = new Map(
    resources
      .filter(({ type }) => type === "aws:apigatewayv2/authorizer:Authorizer")
      .map((authorizer) => [authorizer.outputs.id, authorizer]),
  );
  return resources
    .filter(({ type }) => type === "aws:apigatewayv2/route:Route")
    .map(({ inputs }): ApiRoute => {
      const [method = "", path = ""] = String(inputs.routeKey).split(" ");
      return { method, path, access: accessOf(inputs, authorizers.get(String(inputs.authorizerId))) };
    })
    .sort((a, b) => (a.path === b.path ? compare(a.method, b.method) : compare(a.path, b.path)));
}

/**
 * What each scope allows, as the graph's resource servers declare it, in the order of their names.
 */
export function scopeDescriptions({ resources }: ResolvedGraph): Record<string, string> {
  const scopes = resources
    .filter(({ type }) => type === "aws:cognito/resourceServer:ResourceServer")
    .flatMap(({ inputs }) =>
      objectsOf(inputs.scopes).map((scope) => [`${inputs.identifier}/${scope.scopeName}`, `${scope.scopeDescription}`]),
    );
  return Object.fromEntries(scopes.sort(([a = ""], [b = ""]) => compare(a, b)));
}

/**
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html:
 * `authorizationType`
 */
function accessOf(route: ResolvedResource["inputs"], authorizer: ResolvedResource | undefined): Access {
  const { authorizationType = "NONE" } = route;
  if (authorizationType === "NONE") return { by: "nobody" };
  if (authorizationType === "JWT") return { by: "token", scopes: textsOf(route.authorizationScopes) };
  if (authorizationType === "AWS_IAM") return { by: "signature" };
  if (authorizationType !== "CUSTOM")
    throw new Error(`route "${route.routeKey}": expected NONE, JWT, AWS_IAM or CUSTOM, found "${authorizationType}"`);
  if (authorizer === undefined)
    throw new Error(`route "${route.routeKey}" names an authorizer that the graph does not have`);
  const [source] = textsOf(authorizer.inputs.identitySources);
  const [, place, name = ""] = /^\$request\.(header|querystring)\.(.+)$/.exec(source ?? "") ?? [];
  return {
    ...{ by: "function", authorizer: authorizer.name },
    ...(place !== undefined && { source: { in: place === "header" ? "header" : "query", name } }),
  };
}

function textsOf(value: Plain | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function objectsOf(value: Plain | undefined): Record<string, Plain>[] {
  const items: Plain[] = Array.isArray(value) ? value : [];
  return items.flatMap((item) => (typeof item === "object" && item !== null && !Array.isArray(item) ? [item] : []));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
