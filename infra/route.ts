import type { Scope } from "./auth";

/** Routes that anyone may call. Any other route without an authorizer fails the deployment, and the synthesis before it. */
const PUBLIC_ROUTES = ["ANY /SecureBackendFunction", "GET /openapi.json"];

type Authorizer = ReturnType<sst.aws.ApiGatewayV2["addAuthorizer"]>;

interface Routes {
  route(routeKey: string, target: sst.aws.Function, args?: sst.aws.ApiGatewayV2RouteArgs): void;
  /** By route key: what has been added. */
  targets: Record<string, sst.aws.Function>;
}

/**
 * Gives the function that adds routes to an API, and sees to it that none is public by omission and that API Gateway may
 * invoke a function for the routes that lead to it, not for any route of the API, as SST would have it.
 */
export function routesOf(api: sst.aws.ApiGatewayV2): Routes {
  const callers = new Map<string, string>();
  const targets: Routes["targets"] = {};

  $transform(aws.lambda.Permission, (permission, _options, name) => {
    const caller = [...callers].find(([route]) => name.endsWith(`Route${route}Permissions`))?.[1];
    if (caller !== undefined) permission.sourceArn = $interpolate`${api.nodes.api.executionArn}/${caller}`;
  });

  $transform(aws.apigatewayv2.Route, (route) => {
    const declared = { key: route.routeKey, type: route.authorizationType, scopes: route.authorizationScopes };
    route.authorizationType = $resolve(declared).apply(({ key, type = "NONE", scopes = [] }) => {
      if (type === "NONE" && !PUBLIC_ROUTES.includes(key)) {
        throw new Error(`route "${key}" has no authorizer and is not among the public routes in infra/route.ts`);
      }
      // An ID token names the client in `aud` and would pass without; no ID token has a scope.
      if (type === "JWT" && scopes.length === 0) throw new Error(`route "${key}" asks for a token and for no scope`);
      return type;
    });
  });

  return { route, targets };

  function route(routeKey: string, target: sst.aws.Function, args: sst.aws.ApiGatewayV2RouteArgs = {}): void {
    const [method = "", path = ""] = routeKey.split(" ");
    const name = logicalName(routeKey);
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    if (callers.has(name)) throw new Error(`route "${routeKey}" has the same logical name as another one: ${name}`);
    callers.set(name, `${$app.stage}/${method === "ANY" ? "*" : method}${path}`);
    api.route(routeKey, target.arn, { ...args, name });
    targets[routeKey] = target;
  }
}

/** Arguments of a route for callers with a token that grants the scope. */
export function withScope(authorizer: Authorizer, scope: Scope): sst.aws.ApiGatewayV2RouteArgs {
  const { id } = authorizer;
  // SST 4.17.1 forgets that the route depends on the authorizer, which AWS does not delete while a route names it.
  return { auth: { jwt: { authorizer: id, scopes: [scope] } }, transform: { route: { authorizerId: id } } };
}

/** `GET /events/{id}` -> `GetEventsId`: a name that can be read in the graph, where SST would put a hash. */
function logicalName(routeKey: string): string {
  const [method = "", ...words] = routeKey.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
