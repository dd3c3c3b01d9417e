import { accessLogFormat } from "@secure-backend/core/access-log/format";

import { stagePolicy } from "../stage";
import type { ConsoleSite } from "./console-site";
import { addressesOf } from "./edge";
import { routeName, sourcePath } from "./route-key";
import { type SecureApi, secureApi } from "./secure-api";
import type { Users } from "./users";
import { withPage } from "./with-page";

type ApiArgs = sst.aws.ApiGatewayV2Args;
type RouteArgs = sst.aws.ApiGatewayV2RouteArgs;
/** What SST's components take as a `transform`. */
type Transform<T> = Partial<T> | ((args: T, options: $util.CustomResourceOptions, name: string) => undefined);

interface Cors {
  allowMethods: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
  allowHeaders: string[];
}

interface Options {
  /** Route keys that anyone may call. Any other route without an authorizer fails the deployment. */
  publicRoutes: readonly string[];
  /** The console that calls the API from a browser. */
  site?: ConsoleSite | undefined;
  /** Begins the names of what belongs to this API: set it for every API of an app but the first. */
  prefix?: string;
}

interface HttpApi {
  /**
   * Completes the arguments of an `sst.aws.ApiGatewayV2`: names, CORS origins, access-log format,
   * throttling, and checks of every route. The caller's own transforms are applied as well.
   */
  args(args: Omit<ApiArgs, "cors" | "domain"> & { cors: Cors }): ApiArgs;
  /** Adds the authorizer. Throws for an API that was not created with `args`. */
  secure(api: sst.aws.ApiGatewayV2, users: Users): SecureApi;
}

/**
 * Returns the arguments of a secure HTTP API, and what completes it once it exists. `sst.config.ts`
 * creates the API itself, between the two.
 */
export function httpApi({ publicRoutes, site, prefix = "" }: Options): HttpApi {
  const { corsOrigins, keepEvidence, throttle } = stagePolicy($app.stage);
  const { domain, basePath } = addressesOf($app.stage, prefix);
  const routeKeys = new Map<string, string>();
  let component: $util.Resource | undefined;
  let methods: string[] = [];
  let name = "";

  return { args, secure };

  function args({ cors, ...rest }: Parameters<HttpApi["args"]>[0]): ApiArgs {
    const allowOrigins = withPage(corsOrigins, site?.origin);
    methods = allowOrigins.length > 0 ? cors.allowMethods : [];
    const { transform } = rest;
    return {
      ...rest,
      ...(domain !== undefined && { domain }),
      cors: allowOrigins.length > 0 && {
        exposeHeaders: ["apigw-requestid"],
        maxAge: "1 hour",
        ...cors,
        allowOrigins,
      },
      transform: {
        ...transform,
        api: both(transform?.api, (api, options, logicalName) => {
          component = options.parent;
          name = logicalName.slice(0, -"Api".length);
          api.name = `${name}-${$app.stage}`;
          if (domain !== undefined) api.disableExecuteApiEndpoint = true;
        }),
        logGroup: both(transform?.logGroup, (logGroup, options) => {
          logGroup.name = `/aws/apigateway/${name}/${$app.stage}`;
          options.retainOnDelete = keepEvidence;
        }),
        stage: both(transform?.stage, (apiStage) => {
          apiStage.name = $app.stage;
          apiStage.description = "Every request is logged, from the first deployment on";
          apiStage.accessLogSettings = $output(apiStage.accessLogSettings).apply((settings) => ({
            destinationArn: settings?.destinationArn ?? "",
            format: accessLogFormat,
          }));
          apiStage.defaultRouteSettings = {
            throttlingRateLimit: throttle.rateLimit,
            throttlingBurstLimit: throttle.burstLimit,
          };
        }),
        route: {
          ...transform?.route,
          args: both(transform?.route?.args, (route, options) => completeRoute(route, options)),
        },
      },
    };
  }

  function completeRoute(route: RouteArgs, options: $util.CustomResourceOptions): void {
    const { transform } = route;
    route.transform = { ...transform, route: both(transform?.route, (args) => refuseOpenRoute(args, publicRoutes)) };
    const key = routeKeys.get(route.name ?? "");
    if (key === undefined) return; // added without `serve`: SST lets the API invoke the function for every route
    const { executionArn } = (component as sst.aws.ApiGatewayV2).nodes.api;
    const sourceArn = $interpolate`${executionArn}/${$app.stage}/${sourcePath(key)}`;
    options.transformations = [
      ...(options.transformations ?? []),
      ({ type, props, opts }) =>
        type === "aws:lambda/permission:Permission" ? { props: { ...props, sourceArn }, opts } : undefined,
    ];
  }

  function secure(api: sst.aws.ApiGatewayV2, users: Users): SecureApi {
    if (component !== api)
      throw new Error("http.secure: expected an sst.aws.ApiGatewayV2 that was created with http.args(...)");
    return secureApi({ api, name, prefix, users, site, basePath, methods, nameRoute });
  }

  /** Returns the logical name of a route, after which its permission finds the route key again. */
  function nameRoute(key: string): string {
    const found = routeName(key);
    const other = routeKeys.get(found);
    if (other !== undefined) throw new Error(`routes "${other}" and "${key}" have the same logical name: ${found}`);
    routeKeys.set(found, key);
    return found;
  }
}

/** Makes a route that anyone could call, or with any token, fail the deployment. */
function refuseOpenRoute(route: aws.apigatewayv2.RouteArgs, publicRoutes: readonly string[]): void {
  const declared = { key: route.routeKey, type: route.authorizationType, scopes: route.authorizationScopes };
  route.authorizationType = $resolve(declared).apply(({ key, type = "NONE", scopes = [] }) => {
    if (type === "NONE" && !publicRoutes.includes(key))
      throw new Error(`route "${key}" has no authorizer and is not among the public routes in infra/promises.ts`);
    // An ID token names the client in `aud` and would pass without; no ID token has a scope.
    if (type === "JWT" && scopes.length === 0) throw new Error(`route "${key}" asks for a token and for no scope`);
    return type;
  });
}

/** Returns a transform that applies the caller's, and then ours. */
function both<T extends object>(
  theirs: Transform<T> | undefined,
  ours: (args: T, options: $util.CustomResourceOptions, name: string) => void,
) {
  return (args: T, options: $util.CustomResourceOptions, name: string): undefined => {
    if (typeof theirs === "function") theirs(args, options, name);
    else Object.assign(args, theirs);
    ours(args, options, name);
  };
}
