import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, flag, inputOf, isUnknown, outputText, targetOf, textOf, type View } from "./view";

const ROUTE = "aws:apigatewayv2/route:Route";
const API = "aws:apigatewayv2/api:Api";
const AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer";
const INTEGRATION = "aws:apigatewayv2/integration:Integration";
const FUNCTION = "aws:lambda/function:Function";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const POOL = "aws:cognito/userPool:UserPool";
const DOMAIN = "aws:apigatewayv2/domainName:DomainName";

export const API_RULES: Rule[] = [
  {
    id: "route-has-authorizer",
    severity: "high",
    title: "Every route has an authorizer unless the project lists it as public",
    reason: "Anyone on the internet can call a route without an authorizer.",
    fix: "Set the route's authorizationType and authorizerId, or add the route to the project's publicRoutes.",
    mapping: ["APIGateway.8", "AwsSolutions-APIG4", "CKV_AWS_309"],
    check: (view) =>
      view.all(ROUTE).flatMap((route) => {
        const key = view.read(route, "routeKey");
        const isPublic = key.is === "known" && isListedAsPublic(view, String(key.value));
        const allowed = isPublic ? ["NONE"] : ["JWT", "AWS_IAM", "CUSTOM"];
        const message = isPublic
          ? "expected NONE: the route is listed as public"
          : "anyone can call the route, and it is not listed as public";
        return expectThat(view, route, "authorizationType", (type) => allowed.includes(String(type)), message);
      }),
  },
  {
    id: "jwt-route-has-scope",
    severity: "high",
    title: "A route with a JWT authorizer names the authorizer and requires a scope",
    reason:
      "Without a scope, API Gateway accepts any token of the user pool, even an ID token. ID tokens have no scopes.",
    fix: "Set authorizerId and authorizationScopes on the route.",
    check: (view) =>
      view
        .all(ROUTE)
        .filter((route) => inputOf(route, "authorizationType") === "JWT")
        .flatMap((route) => [
          ...expectThat(
            view,
            route,
            "authorizationScopes",
            (scopes) => Array.isArray(scopes) && scopes.length > 0 && scopes.every((scope) => scope !== ""),
            "expected a scope",
          ),
          ...expectTarget(view, route, "authorizerId", [AUTHORIZER], "expected an authorizer of this deployment"),
        ]),
  },
  {
    id: "route-is-explicit",
    severity: "medium",
    title: "Every route states its method and path; no route catches all requests",
    reason: "A `$default` or greedy route sends a function requests for paths that nobody declared.",
    fix: "Declare each route separately.",
    check: (view) =>
      view
        .all(ROUTE)
        .flatMap((route) =>
          expectThat(
            view,
            route,
            "routeKey",
            (key) => /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/[^*+]*$/.test(String(key)),
            "expected a method and a path without a greedy variable",
          ),
        ),
  },
  {
    id: "route-asks-for-permission",
    severity: "high",
    title: "Every operation has a route, and the route requires the operation's scope",
    reason: "A route with another operation's scope passes every check that reads only the route.",
    fix: "Set the route's authorizationScopes to the scope of its operations.",
    check: operationRoutes,
  },
  {
    id: "authorizer-checks-tokens",
    severity: "critical",
    title:
      "An authorizer accepts only tokens of this deployment's user pool and clients, from the Authorization header",
    reason: "A wrong issuer accepts another pool's tokens. An extra audience accepts another application's tokens.",
    fix: "Take jwtConfiguration.issuer from the user pool and audiences from its clients.",
    check: (view) => view.all(AUTHORIZER).flatMap((authorizer) => authorizerFindings(view, authorizer)),
  },
  {
    id: "integration-is-proxy",
    severity: "medium",
    title: "An integration passes requests unchanged to a function of this deployment, in payload format 2.0",
    reason:
      "An HTTP integration sends callers' tokens to an outside address. Parameter mappings can set headers " +
      "that functions and browsers trust. Functions do not find the claims in format 1.0.",
    fix: "Add the route with api.route(key, fn.arn).",
    mapping: ["APIGateway.10"],
    check: (view) =>
      view.all(INTEGRATION).flatMap((one) => [
        ...expectThat(view, one, "integrationType", (type) => type === "AWS_PROXY", "expected AWS_PROXY"),
        ...expectThat(view, one, "payloadFormatVersion", (version) => version === "2.0", "expected 2.0"),
        ...expectTarget(view, one, "integrationUri", [FUNCTION], "expected a function of this deployment"),
        ...expectTarget(view, one, "apiId", [API], "expected an API of this deployment"),
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
        ...["requestParameters", "responseParameters", "requestTemplates", "credentialsArn", "tlsConfig"]
          .filter((path) => inputOf(one, path) !== undefined)
          .map((path) => flag(one, path, "expected requests and responses to pass unchanged")),
      ]),
  },
  {
    id: "cors-closed",
    severity: "high",
    title: "CORS lists origins, methods and headers, with TLS except for localhost outside prod",
    reason:
      "`*` lets any web page that a user visits read the API's responses. Tokens travel in a header, so no " +
      "page needs to send cookies.",
    fix: "List origins, methods and headers in the API's corsConfiguration.",
    check: (view) =>
      view.all(API).flatMap((api) => {
        const closed = (path: string) =>
          expectThat(
            view,
            api,
            `corsConfiguration.${path}`,
            (list) => list === undefined || (Array.isArray(list) && !list.some((item) => String(item).includes("*"))),
            "expected a list without `*`",
          );
        const origins = expectThat(
          view,
          api,
          "corsConfiguration.allowOrigins",
          (list) =>
            !Array.isArray(list) || list.every((origin) => isUnknown(origin) || isTrusted(String(origin), view.strict)),
          "expected origins with https, or http://localhost outside prod",
        );
        const credentials = expectThat(
          view,
          api,
          "corsConfiguration.allowCredentials",
          (value) => value !== true,
          "expected false: no page has to send cookies",
        );
        return [
          ...credentials,
          ...["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders"].flatMap(closed),
          ...origins,
        ];
      }),
  },
  {
    id: "cors-methods-served",
    severity: "low",
    title: "CORS allows only methods that routes accept",
    reason: "An extra method opens the next route that uses it to other origins, without a review.",
    fix: "In the API's allowMethods, list the methods of its routes, HEAD and OPTIONS.",
    check: (view) => view.all(API).flatMap((api) => methodFindings(view, api)),
  },
  {
    id: "custom-domain-tls",
    severity: "medium",
    title: "A custom domain requires TLS 1.2 and is the only way to reach the API",
    reason: "Older protocols can be broken. The execute-api endpoint bypasses the protection in front of the domain.",
    fix: "Set securityPolicy to TLS_1_2 on the domain, and disableExecuteApiEndpoint on the API.",
    mapping: ["APIGateway.11", "CKV_AWS_206"],
    check: (view) => [
      ...view
        .all(DOMAIN)
        .flatMap((domain) =>
          expectThat(
            view,
            domain,
            "domainNameConfiguration.securityPolicy",
            (policy) => policy === "TLS_1_2" || /^SecurityPolicy_TLS1[23]/.test(String(policy)),
            "expected TLS_1_2",
          ),
        ),
      ...view.all("aws:apigatewayv2/apiMapping:ApiMapping").flatMap((mapping) => {
        const api = targetOf(view, inputOf(mapping, "apiId"))?.resource;
        if (api === undefined) return [flag(mapping, "apiId", "expected an API of this deployment")];
        const message = "the API has a custom domain: expected its execute-api endpoint to be off";
        return expectThat(view, api, "disableExecuteApiEndpoint", (value) => value === true, message);
      }),
    ],
  },
];

function methodFindings(view: View, api: Resource): Finding[] {
  const allowed = inputOf(api, "corsConfiguration.allowMethods");
  const methods = view.all(ROUTE).flatMap((route) => {
    const key = String(inputOf(route, "routeKey"));
    const [method = ""] = key.split(" ");
    if (method !== "ANY" || inputOf(route, "authorizationType") !== "NONE") return method;
    return ["GET", ...operationsOf(view.promises.operations ?? {}, key).map((one) => one.replace(/ .*/, ""))];
  });
  if (!Array.isArray(allowed) || methods.some((method) => method === "ANY" || method === "$default")) return [];
  return allowed.flatMap((method, at) =>
    [...methods, "HEAD", "OPTIONS", "*"].includes(String(method))
      ? []
      : [flag(api, `corsConfiguration.allowMethods.${at}`, `no route accepts ${textOf(method)}`)],
  );
}

function isListedAsPublic(view: View, key: string): boolean {
  return view.promises.publicRoutes?.includes(key) === true;
}

function operationRoutes(view: View): Finding[] {
  const { operations } = view.promises;
  if (operations === undefined) return [];
  const routes = view.all(ROUTE);
  const served = new Set(routes.flatMap((route) => operationsOf(operations, String(inputOf(route, "routeKey")))));
  return [
    ...Object.keys(operations)
      .filter((key) => !served.has(key))
      .map((key) => flag("stage", "resources", `the operation "${key}" has no route`)),
    ...routes.flatMap((route) => {
      const key = String(inputOf(route, "routeKey"));
      const [scope, ...others] = new Set(operationsOf(operations, key).map((one) => operations[one]));
      if (scope === undefined) return [flag(route, "routeKey", `no operation has the route "${key}"`)];
      if (others.length > 0) return [flag(route, "routeKey", "its operations require different scopes")];
      const [type, scopes] = scope === "public" ? ["NONE", "[]"] : ["JWT", JSON.stringify([scope])];
      return [
        ...expectThat(view, route, "authorizationType", (value) => value === type, `expected ${type}`),
        ...expectThat(
          view,
          route,
          "authorizationScopes",
          (value) => JSON.stringify(value ?? []) === scopes,
          `expected the scopes ${scopes}`,
        ),
      ];
    }),
  ];
}

/**
 * Returns the route keys of a route's operations. `ANY /path` accepts the operations of every
 * method.
 */
function operationsOf(operations: Readonly<Record<string, string>>, key: string): string[] {
  const [method, path] = key.split(" ");
  return Object.keys(operations).filter((one) => one === key || (method === "ANY" && one.split(" ")[1] === path));
}

/** Returns the integration of a route, or undefined if it cannot be determined. */
function integrationOf(view: View, route: Resource): Resource | undefined {
  const target = textOf(inputOf(route, "target"));
  return view.all(INTEGRATION).find((one) => target === `integrations/${outputText(one, "id")}`);
}

const functions = new WeakMap<View, Map<Resource, Resource | undefined>>();

/** Returns the function of a route, or undefined if it cannot be determined. */
export function functionOf(view: View, route: Resource): Resource | undefined {
  const byRoute = functions.get(view) ?? new Map(view.all(ROUTE).map((one) => [one, findFunction(view, one)]));
  functions.set(view, byRoute);
  return byRoute.get(route);
}

function findFunction(view: View, route: Resource): Resource | undefined {
  const integration = integrationOf(view, route);
  const target = integration && targetOf(view, inputOf(integration, "integrationUri"));
  return target?.resource.type === FUNCTION ? target.resource : undefined;
}

function authorizerFindings(view: View, authorizer: Resource): Finding[] {
  if (inputOf(authorizer, "authorizerType") === "REQUEST")
    return expectTarget(view, authorizer, "authorizerUri", [FUNCTION], "expected a function of this deployment");
  const issuers = view.all(POOL).map((pool) => `https://${outputText(pool, "endpoint")}`);
  const issuer = textOf(inputOf(authorizer, "jwtConfiguration.issuer")) ?? "";
  const isOwnIssuer = issuers.length === 0 ? /^https:\/\/[^*]+$/.test(issuer) : issuers.includes(issuer);
  const audiences = inputOf(authorizer, "jwtConfiguration.audiences");
  const list = Array.isArray(audiences) ? audiences : [];
  const sources = JSON.stringify(["$request.header.Authorization"]);
  return [
    ...expectThat(view, authorizer, "authorizerType", (type) => type === "JWT", "expected JWT"),
    ...(isOwnIssuer
      ? []
      : [flag(authorizer, "jwtConfiguration.issuer", "expected the issuer of this deployment's user pool")]),
    ...(list.length > 0 ? [] : [flag(authorizer, "jwtConfiguration.audiences", "expected the clients' IDs")]),
    ...(issuers.length === 0 ? [] : list).flatMap((_one, at) =>
      expectTarget(
        view,
        authorizer,
        `jwtConfiguration.audiences.${at}`,
        [CLIENT],
        "expected a client of this deployment",
        (_client, output) => output === "id",
      ),
    ),
    ...expectThat(
      view,
      authorizer,
      "identitySources",
      (value) => JSON.stringify(value) === sources,
      "expected only the Authorization header: a token in a URL is written to logs",
    ),
    ...expectTarget(view, authorizer, "apiId", [API], "expected an API of this deployment"),
  ];
}

/** True for an origin or page whose traffic nobody in between can read or change. */
export function isTrusted(address: string, strict: boolean): boolean {
  const url = address.replaceAll(/\$\{[^}]*\}/g, "deployed.invalid"); // a host that is known after the deployment
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, hash } = new URL(url);
  return hash === "" && (protocol === "https:" || (!strict && protocol === "http:" && hostname === "localhost"));
}
