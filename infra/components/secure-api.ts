import type { ConsoleSite } from "./console-site";
import { createEdge } from "./edge";
import { grantFunctionLogs } from "./function-log";
import { saveQueries } from "./insights";
import { monitor } from "./monitoring";
import type { Grant, LambdaFunction, SecureFunction } from "./secure-function";
import type { Routes } from "./served-routes";
import type { Traffic } from "./traffic";
import type { Users } from "./users";

interface Options {
  api: sst.aws.ApiGatewayV2;
  name: string;
  prefix: string;
  users: Users;
  site: ConsoleSite | undefined;
  basePath: string;
  /** Methods that pages of other origins may use; empty where there are no such pages. */
  methods: string[];
  nameRoute(key: string): string;
}

/** An API with an authorizer, to which routes are added before it is published. */
export interface SecureApi {
  api: sst.aws.ApiGatewayV2;
  /** Path below which the routes are. */
  basePath: string;
  prefix: string;
  accessLog: { arn: $util.Output<string>; name: $util.Output<string> };
  /** Lets a function search the access log, and tells it the name of the log group. */
  grantAccessLog(variable: string): Grant;
  /** Lets a function search the logs of all other functions of routes, and tells it their names by route key. */
  grantFunctionLogs(variable: string): Grant;
  /**
   * Adds the routes of a function, each with its permission. Keys and permissions must be those of
   * the operations that the function implements, and all of them; `ANY /path` stands for all methods.
   */
  serve<Served, const R extends Record<string, string>>(
    fn: SecureFunction<Served>,
    routes: R & Routes<R, Served>,
  ): void;
  /**
   * Completes the API after its last route: edge, alarms, dashboard, saved queries, the console's
   * configuration. Without it the deployment fails. Returns the outputs of the stage.
   */
  publish(options?: { traffic?: Traffic }): Record<string, $util.Input<string> | undefined>;
}

export function secureApi({ api, name, prefix, users, site, basePath, methods, nameRoute }: Options): SecureApi {
  const accessLog = api.nodes.logGroup;
  const tokens = api.addAuthorizer({ name: "Tokens", jwt: { issuer: users.issuer, audiences: users.audiences } });
  const served = new Map<string, LambdaFunction>();
  const allServed = promiseOf<ReadonlyMap<string, LambdaFunction>>();
  // Nothing else is left to do then, and nobody can call publish() any more.
  const refuse = () => allServed.reject(new Error(`${name} is not published: end run() with "return api.publish()"`));
  process.prependOnceListener("beforeExit", refuse);
  let isPublished = false;
  return {
    ...{ api, basePath, prefix, accessLog, grantAccessLog, serve, publish },
    grantFunctionLogs: (variable) => grantFunctionLogs(variable, allServed.promise),
  };

  function grantAccessLog(variable: string): Grant {
    const resources = [$interpolate`${accessLog.arn}:*`];
    return { variable, value: accessLog.name, permissions: [{ actions: ["logs:FilterLogEvents"], resources }] };
  }

  function serve(fn: LambdaFunction, routes: Record<string, string>): void {
    if (isPublished) throw new Error(`${name}: routes must be added before publish()`);
    for (const [key, permission] of Object.entries(routes)) {
      const [method = ""] = key.split(" ");
      if (methods.length > 0 && method !== "ANY" && !methods.includes(method))
        throw new Error(`route "${key}": browsers may not send ${method}: add it to allowMethods of ${name}`);
      api.route(key, fn.lambda.arn, { ...authorize(permission), name: nameRoute(key) });
      served.set(key, fn);
    }
  }

  function authorize(permission: string): sst.aws.ApiGatewayV2RouteArgs {
    if (permission === "public") return {};
    // SST 4.17.1 forgets that the route depends on the authorizer, which AWS does not delete while a route names it.
    const route = { authorizerId: tokens.id };
    return { auth: { jwt: { authorizer: tokens.id, scopes: [permission] } }, transform: { route } };
  }

  function publish({ traffic }: { traffic?: Traffic } = {}) {
    if (isPublished) throw new Error(`${name}: publish() was called twice`);
    isPublished = true;
    process.removeListener("beforeExit", refuse);
    allServed.resolve(served);
    saveQueries(accessLog.name, prefix);
    const functions = [...new Set(served.values()), ...(traffic?.functions ?? [])];
    monitor({ api, accessLog, functions, deadLetters: traffic?.deadLetters, prefix });

    const routed = [...new Set(served.values())].map(({ lambda }) => lambda);
    const base = createEdge({ apiUrl: api.url, functions: routed, prefix });
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

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

// Promise.withResolvers() needs Node.js 22.
function promiseOf<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as unknown as Omit<Deferred<T>, "promise">) };
}
