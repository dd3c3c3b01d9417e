import { PERMISSIONS } from "@backend/core/permissions";

import type { ConsoleSite } from "./console-site";
import type { Deferred } from "./deferred";
import { createEdge } from "./edge";
import { grantFunctionLogs } from "./function-log";
import type { Grant } from "./grant";
import { saveQueries } from "./insights";
import { monitor } from "./monitoring";
import { routeName } from "./route-key";
import type { LambdaFunction, SecureFunction } from "./secure-function";
import type { Routes } from "./served-routes";
import type { Users } from "./users";

/** Functions by route key. */
export type Served = ReadonlyMap<string, LambdaFunction>;

interface Options {
  api: sst.aws.ApiGatewayV2;
  name: string;
  prefix: string;
  users: Users;
  site: ConsoleSite | undefined;
  basePath: string;
  /** Methods that pages of other origins may use; empty where there are no such pages. */
  methods: string[];
  publicRoutes: readonly string[];
  published: Deferred<Served>;
}

interface ServedRoute {
  key: string;
  fn: LambdaFunction;
  access: Pick<aws.apigatewayv2.RouteArgs, "authorizationType" | "authorizationScopes" | "authorizerId">;
}

/** An API with an authorizer, to which routes are added before it is published. */
export interface SecureApi {
  /** Path below which the routes are. */
  basePath: string;
  prefix: string;
  accessLog: { arn: $util.Output<string>; name: $util.Output<string> };
  /** By logical name. */
  routes: ReadonlyMap<string, ServedRoute>;
  /** Lets a function search the access log, and gives it the name of the log group. */
  grantAccessLog(variable: string): Grant;
  /**
   * Lets a function search the logs of all other functions of routes, and gives it their names by
   * route key.
   */
  grantFunctionLogs(variable: string): Grant;
  /**
   * Adds the routes of a function, each with its permission. Keys and permissions must be those of
   * the operations that the function implements, and all of them; `ANY /path` stands for all
   * methods.
   */
  serve<Served, const R extends Record<string, string>>(
    fn: SecureFunction<Served>,
    routes: R & Routes<R, Served>,
  ): void;
  /** Gives functions that no route leads to alarms and a place on the dashboard. */
  watch(watched: { functions: LambdaFunction[]; deadLetters?: sst.aws.Queue }): void;
  /**
   * Creates the routes and what depends on all of them: edge, alarms, dashboard, saved queries, the
   * console's configuration. Without it the deployment fails. Returns the outputs of the stage.
   */
  publish(): Record<string, $util.Input<string> | undefined>;
}

export function createSecureApi({ api, name, prefix, users, site, basePath, ...options }: Options): SecureApi {
  const { methods, publicRoutes, published } = options;
  const accessLog = api.nodes.logGroup;
  if (users.audiences.length === 0)
    throw new Error(`${name}: stage ${$app.stage} has no client whose tokens it could accept: see infra/stage.ts`);
  const tokens = api.addAuthorizer({ name: "Tokens", jwt: { issuer: users.issuer, audiences: users.audiences } });
  const routes = new Map<string, ServedRoute>();
  const background: LambdaFunction[] = [];
  let deadLetters: sst.aws.Queue | undefined;
  let isPublished = false;
  return {
    ...{ basePath, prefix, accessLog, routes, grantAccessLog, serve, watch, publish },
    grantFunctionLogs: (variable) => grantFunctionLogs(variable, published.promise),
  };

  function grantAccessLog(variable: string): Grant {
    const resources = [$interpolate`${accessLog.arn}:*`];
    return { variable, value: accessLog.name, permissions: [{ actions: ["logs:FilterLogEvents"], resources }] };
  }

  function serve(fn: SecureFunction<unknown>, permissions: Record<string, string>): void {
    if (isPublished) throw new Error(`${name}: add routes before publish()`);
    for (const [key, permission] of Object.entries(permissions)) {
      const [method = ""] = key.split(" ");
      if (methods.length > 0 && method !== "ANY" && !methods.includes(method))
        throw new Error(`route "${key}": CORS does not allow ${method}. Add it to cors.allowMethods of ${name}.`);
      const logicalName = routeName(key);
      const other = routes.get(logicalName)?.key;
      if (other !== undefined)
        throw new Error(`routes "${other}" and "${key}" have the same logical name: ${logicalName}`);
      routes.set(logicalName, { key, fn, access: accessFor(key, permission) });
    }
    checkPublic(fn, Object.values(permissions));
  }

  /**
   * Throws an Error if callers would not be counted, or if the function could count without having
   * callers.
   */
  function checkPublic(fn: SecureFunction<unknown>, permissions: string[]): void {
    const isPublic = permissions.every((permission) => permission === "public");
    if (isPublic === fn.isPublic || permissions.length === 0) return;
    const fix = isPublic ? "set isPublic: true" : "remove isPublic";
    throw new Error(
      `function ${fn.name} serves ${isPublic ? "public routes only" : "routes with permissions"}: ${fix}`,
    );
  }

  function accessFor(key: string, permission: string): ServedRoute["access"] {
    if (permission === "public") {
      if (publicRoutes.includes(key)) return { authorizationType: "NONE" };
      throw new Error(`route "${key}" is public, and infra/promises.ts does not list it`);
    }
    if (!Object.hasOwn(PERMISSIONS, permission))
      throw new Error(`route "${key}": packages/core/src/permissions.ts has no permission "${permission}"`);
    return { authorizationType: "JWT", authorizationScopes: [permission], authorizerId: tokens.id };
  }

  function watch(watched: Parameters<SecureApi["watch"]>[0]): void {
    background.push(...watched.functions);
    deadLetters ??= watched.deadLetters;
  }

  function publish() {
    if (isPublished) throw new Error(`${name}: publish() was called twice`);
    isPublished = true;
    for (const [logicalName, { key, fn }] of routes) api.route(key, fn.lambda.arn, { name: logicalName });
    published.resolve(new Map([...routes.values()].map(({ key, fn }) => [key, fn])));
    saveQueries(accessLog.name, prefix);
    const served = [...new Set([...routes.values()].map(({ fn }) => fn))];
    monitor({ api, accessLog, functions: [...new Set([...served, ...background])], background, deadLetters, prefix });

    const base = createEdge({ apiUrl: api.url, functions: served.map(({ lambda }) => lambda), prefix });
    const url = basePath === "/" ? base : $interpolate`${base}${basePath}`;
    const { issuer, authUrl, userPoolId, webClientId, machineClientId } = users;
    site?.publish({ url, issuer, authUrl, webClientId, accessLogGroup: accessLog.name });
    return {
      url,
      accessLogGroup: accessLog.name,
      consoleUrl: site?.origin,
      issuer,
      authUrl,
      userPoolId,
      ...(webClientId && { webClientId }),
      ...(machineClientId && { machineClientId }),
    };
  }
}
