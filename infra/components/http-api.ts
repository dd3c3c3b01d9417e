import { accessLogFormat } from "@backend/platform/access-log/format";

import { stagePolicy } from "../stage";
import type { ConsoleSite } from "./console-site";
import { createDeferred } from "./deferred";
import { addressesOf } from "./edge";
import { physicalName } from "./physical-name";
import { withPrefix } from "./prefix";
import { sourcePath } from "./route-key";
import { createSecureApi, type SecureApi, type Served } from "./secure-api";
import type { Users } from "./users";
import { withPage } from "./with-page";

type ApiArgs = sst.aws.ApiGatewayV2Args;
/** What SST's components take as a `transform`. */
type Transform<T> = Partial<T> | ((args: T, options: $util.CustomResourceOptions, name: string) => undefined);

interface Cors {
  /** Several nouns may each list a method that they need. */
  allowMethods: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
  allowHeaders: string[];
}

interface Options {
  /** Route keys that anyone may call. Any other public route fails the deployment. */
  publicRoutes: readonly string[];
  /** The console that calls the API from a browser. */
  site?: ConsoleSite | undefined;
  /**
   * Prefix for the names of this API's resources. Required for every API of an app except the
   * first.
   */
  prefix?: string;
}

interface HttpApi {
  /**
   * Completes the arguments of an `sst.aws.ApiGatewayV2`: names, CORS origins, access-log format,
   * throttling, and the access to every route. The caller's own transforms are applied first.
   */
  args(args: Omit<ApiArgs, "cors" | "domain"> & { cors: Cors }): ApiArgs;
  /** Adds the authorizer. Throws for an API that was not created with `args`. */
  secure(api: sst.aws.ApiGatewayV2, users: Users): SecureApi;
}

/** Prefixes of the APIs of this app. */
const prefixes = new Set<string>();

/**
 * Returns the arguments of a secure HTTP API, and what completes it once it exists. `sst.config.ts`
 * creates the API itself, between the two.
 */
export function httpApi({ publicRoutes, site, prefix = "" }: Options): HttpApi {
  if (prefixes.has(prefix)) throw new Error(`httpApi: another API has the prefix "${prefix}": give this one its own`);
  prefixes.add(prefix);
  const { corsOrigins, keepEvidence, throttle } = stagePolicy($app.stage);
  const { domain, basePath } = addressesOf($app.stage, prefix);
  const published = createDeferred<Served>();
  let component: $util.Resource | undefined;
  let methods: string[] = [];
  let name = "";
  let routes: SecureApi["routes"] | undefined;

  return { args, secure };

  function args({ cors, transform, ...rest }: Parameters<HttpApi["args"]>[0]): ApiArgs {
    const allowOrigins = withPage(corsOrigins, site?.origin);
    const allowMethods = [...new Set(cors.allowMethods)];
    methods = allowOrigins.length > 0 ? allowMethods : [];
    // At that point run() has finished, so publish() can no longer be called.
    process.prependOnceListener("beforeExit", () =>
      published.reject(new Error(`${name} is not published: end run() with "return api.publish()"`)),
    );
    return {
      ...rest,
      ...(domain !== undefined && { domain }),
      cors: allowOrigins.length > 0 && {
        exposeHeaders: ["apigw-requestid", "retry-after"],
        maxAge: "1 hour",
        ...cors,
        allowMethods,
        allowOrigins,
      },
      transform: {
        ...transform,
        api: applyBoth(transform?.api, ["corsConfiguration"], (api, options, logicalName) => {
          if (component !== undefined) throw new Error(`${name}: use the result of http.args for one API only`);
          component = options.parent;
          name = logicalName.slice(0, -"Api".length);
          api.name = physicalName(name);
          if (domain !== undefined) api.disableExecuteApiEndpoint = true;
        }),
        logGroup: applyBoth(transform?.logGroup, ["retentionInDays"], (logGroup, options) => {
          logGroup.name = `/aws/apigateway/${withPrefix(name)}/${$app.stage}`;
          logGroup.deletionProtectionEnabled = keepEvidence;
          options.retainOnDelete = keepEvidence;
        }),
        stage: applyBoth(transform?.stage, ["accessLogSettings", "routeSettings"], (apiStage) => {
          apiStage.name = $app.stage;
          // The stage waits for publish(): without it, nothing can be called.
          apiStage.description = published.promise.then(() => "Every request is logged, from the first deployment on");
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
          args: applyBoth(transform?.route?.args, [], completeRoute),
        },
      },
    };
  }

  /**
   * Sets who may call a route, whatever other transforms did, and what API Gateway may invoke for
   * it.
   */
  function completeRoute(route: sst.aws.ApiGatewayV2RouteArgs, options: $util.CustomResourceOptions): void {
    const served = routes?.get(route.name ?? "");
    if (served === undefined) throw new Error(`${name}: routes are added with api.serve`);
    const { transform } = route;
    route.transform = {
      ...transform,
      route: applyBoth(transform?.route, [], (args) => Object.assign(args, served.access)),
    };
    const { executionArn } = (component as sst.aws.ApiGatewayV2).nodes.api;
    const sourceArn = $interpolate`${executionArn}/${$app.stage}/${sourcePath(served.key)}`;
    options.transformations = [
      ...(options.transformations ?? []),
      ({ type, props, opts }) =>
        type === "aws:lambda/permission:Permission" ? { props: { ...props, sourceArn }, opts } : undefined,
    ];
  }

  function secure(api: sst.aws.ApiGatewayV2, users: Users): SecureApi {
    if (component !== api)
      throw new Error("http.secure: expected an sst.aws.ApiGatewayV2 that was created with http.args(...)");
    const secured = createSecureApi({ api, name, prefix, users, site, basePath, methods, publicRoutes, published });
    routes = secured.routes;
    return secured;
  }
}

/**
 * Returns a transform that applies the caller's, without the properties that it may not change, and
 * then ours.
 */
function applyBoth<T extends object>(
  theirs: Transform<T> | undefined,
  fixed: (keyof T)[],
  ours: (args: T, options: $util.CustomResourceOptions, name: string) => void,
) {
  return (args: T, options: $util.CustomResourceOptions, name: string): undefined => {
    const before = { ...args };
    if (typeof theirs === "function") theirs(args, options, name);
    else Object.assign(args, theirs);
    for (const key of fixed) args[key] = before[key];
    ours(args, options, name);
  };
}
