/** Routes that anyone may call. Any other route without an authorizer fails the deployment, and the synthesis before it. */
const PUBLIC_ROUTES = ["ANY /SecureBackendFunction", "GET /openapi.json"];

type AddRoute = (routeKey: string, target: sst.aws.Function, args?: sst.aws.ApiGatewayV2RouteArgs) => void;

/**
 * Gives the function that adds routes to an API, and sees to it that none is public by omission and that API Gateway may
 * invoke a function for the routes that lead to it, not for any route of the API, as SST would have it.
 */
export function routesOf(api: sst.aws.ApiGatewayV2): AddRoute {
  const callers = new Map<string, string>();

  $transform(aws.lambda.Permission, (permission, _options, name) => {
    const caller = [...callers].find(([route]) => name.endsWith(`Route${route}Permissions`))?.[1];
    if (caller !== undefined) permission.sourceArn = $interpolate`${api.nodes.api.executionArn}/${caller}`;
  });

  $transform(aws.apigatewayv2.Route, (route) => {
    route.authorizationType = $resolve([route.routeKey, route.authorizationType]).apply(([key = "", type = "NONE"]) => {
      if (type === "NONE" && !PUBLIC_ROUTES.includes(key)) {
        throw new Error(`route "${key}" has no authorizer and is not among the public routes in infra/route.ts`);
      }
      return type;
    });
  });

  return (routeKey, target, args = {}) => {
    const [method = "", path = ""] = routeKey.split(" ");
    const name = logicalName(routeKey);
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    if (callers.has(name)) throw new Error(`route "${routeKey}" has the same logical name as another one: ${name}`);
    callers.set(name, `${$app.stage}/${method === "ANY" ? "*" : method}${path}`);
    api.route(routeKey, target.arn, { ...args, name });
  };
}

/** `GET /events/{id}` -> `GetEventsId`: a name that can be read in the graph, where SST would put a hash. */
function logicalName(routeKey: string): string {
  const [method = "", ...words] = routeKey.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
