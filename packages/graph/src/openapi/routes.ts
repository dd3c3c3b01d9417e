import type { Plain } from "../graph";
import type { ResolvedGraph } from "../resolve";

export interface ApiRoute {
  /** Upper case; `ANY` for every one. */
  method: string;
  path: string;
  /** Scopes of which a token must have one; absent where no token is asked for. */
  scopes?: string[];
}

/** The routes of the graph's HTTP API, in the order of their paths. */
export function apiRoutes({ resources }: ResolvedGraph): ApiRoute[] {
  return resources
    .filter(({ type }) => type === "aws:apigatewayv2/route:Route")
    .map(({ inputs }): ApiRoute => {
      const [method = "", path = ""] = String(inputs.routeKey).split(" ");
      if (inputs.authorizationType !== "JWT") return { method, path };
      return { method, path, scopes: textsOf(inputs.authorizationScopes) };
    })
    .sort((a, b) => (a.path === b.path ? compare(a.method, b.method) : compare(a.path, b.path)));
}

/** What each scope allows, as the graph's resource servers declare it, in the order of their names. */
export function scopeDescriptions({ resources }: ResolvedGraph): Record<string, string> {
  const scopes = resources
    .filter(({ type }) => type === "aws:cognito/resourceServer:ResourceServer")
    .flatMap(({ inputs }) =>
      objectsOf(inputs.scopes).map((scope) => [`${inputs.identifier}/${scope.scopeName}`, `${scope.scopeDescription}`]),
    );
  return Object.fromEntries(scopes.sort(([a = ""], [b = ""]) => compare(a, b)));
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
