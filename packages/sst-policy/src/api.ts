import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, found, isUnknown, outputText, raw, targetOf, type View, written } from "./view";

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
    title: "A route has an authorizer unless the project lists it as public",
    reason: "A route without one can be called by anyone on the internet.",
    fix: "Set authorizationType and authorizerId of the route, or add it to the project's publicRoutes.",
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
    title: "A route with a JWT authorizer names that authorizer and asks for a scope",
    reason: "Without a scope any token of the pool is let in, an ID token too: no ID token has a scope.",
    fix: "Set authorizerId and authorizationScopes of the route.",
    check: (view) =>
      view
        .all(ROUTE)
        .filter((route) => raw(route, "authorizationType") === "JWT")
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
    title: "A route says its method and path; none catches what no other route takes",
    reason: "`$default` and greedy paths hand to a function what nobody declared, and what the next version adds.",
    fix: "Declare each route by itself.",
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
    title: "Each operation has a route, and a route asks for the scope of its operations",
    reason: "A route with the scope of another operation passes every check that looks at the route only.",
    fix: "Set authorizationScopes of the route to the scope of its operations.",
    check: operationRoutes,
  },
  {
    id: "authorizer-checks-tokens",
    severity: "critical",
    title:
      "An authorizer takes tokens of the deployment's own user pool, made for its own clients, from the Authorization header",
    reason: "A wrong issuer lets another pool's tokens in; an audience too many lets another application's.",
    fix: "Take jwtConfiguration.issuer from the user pool, and audiences from its clients.",
    check: (view) => view.all(AUTHORIZER).flatMap((authorizer) => authorizerFindings(view, authorizer)),
  },
  {
    id: "integration-is-proxy",
    severity: "medium",
    title: "An integration hands requests to a function of the deployment as they are, in payload format 2.0",
    reason:
      "An HTTP integration sends callers' tokens to an address outside; parameter mappings write headers that functions and browsers trust; format 1.0 holds no claims where the functions look.",
    fix: "Add the route by api.route(key, fn.arn).",
    mapping: ["APIGateway.10"],
    check: (view) =>
      view.all(INTEGRATION).flatMap((one) => [
        ...expectThat(view, one, "integrationType", (type) => type === "AWS_PROXY", "expected AWS_PROXY"),
        ...expectThat(view, one, "payloadFormatVersion", (version) => version === "2.0", "expected 2.0"),
        ...expectTarget(view, one, "integrationUri", [FUNCTION], "expected a function of this deployment"),
        ...expectTarget(view, one, "apiId", [API], "expected an API of this deployment"),
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
        ...["requestParameters", "responseParameters", "requestTemplates", "credentialsArn", "tlsConfig"]
          .filter((path) => raw(one, path) !== undefined)
          .map((path) => found(one, path, "expected requests and answers to pass as they are")),
      ]),
  },
  {
    id: "cors-closed",
    severity: "high",
    title: "CORS names origins, methods and headers; an origin without TLS is a developer's own",
    reason:
      "`*` lets any web page that a user visits read the API's answers. Tokens travel in a header: no page has to send cookies.",
    fix: "List origins, methods and headers in corsConfiguration of the API.",
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
          "expected no cookies from other pages",
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
    title: "CORS allows the methods that routes take",
    reason: "A method more is one that the next route answers to other pages without anybody having thought of it.",
    fix: "List in allowMethods of sst.config.ts what routes take, with HEAD and OPTIONS.",
    check: (view) => view.all(API).flatMap((api) => methodFindings(view, api)),
  },
  {
    id: "custom-domain-tls",
    severity: "medium",
    title: "A custom domain demands TLS 1.2, and is then the only way in",
    reason: "Older protocols can be broken; the execute-api address goes around whatever stands before the domain.",
    fix: "Set securityPolicy to TLS_1_2, and disableExecuteApiEndpoint on the API.",
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
        const api = targetOf(view, raw(mapping, "apiId"))?.resource;
        if (api === undefined) return [found(mapping, "apiId", "expected an API of this deployment")];
        const message = "the API has a custom domain: expected its execute-api endpoint to be off";
        return expectThat(view, api, "disableExecuteApiEndpoint", (value) => value === true, message);
      }),
    ],
  },
];

function methodFindings(view: View, api: Resource): Finding[] {
  const allowed = raw(api, "corsConfiguration.allowMethods");
  const methods = view.all(ROUTE).flatMap((route) => {
    const key = String(raw(route, "routeKey"));
    const [method = ""] = key.split(" ");
    if (method !== "ANY" || raw(route, "authorizationType") !== "NONE") return method;
    return ["GET", ...operationsOf(view.promises.operations ?? {}, key).map((one) => one.replace(/ .*/, ""))];
  });
  if (!Array.isArray(allowed) || methods.some((method) => method === "ANY" || method === "$default")) return [];
  return allowed.flatMap((method, at) =>
    [...methods, "HEAD", "OPTIONS", "*"].includes(String(method))
      ? []
      : [found(api, `corsConfiguration.allowMethods.${at}`, `no route takes ${written(method)}`)],
  );
}

function isListedAsPublic(view: View, key: string): boolean {
  return view.promises.publicRoutes?.includes(key) === true;
}

function operationRoutes(view: View): Finding[] {
  const { operations } = view.promises;
  if (operations === undefined) return [];
  const routes = view.all(ROUTE);
  const served = new Set(routes.flatMap((route) => operationsOf(operations, String(raw(route, "routeKey")))));
  return [
    ...Object.keys(operations)
      .filter((key) => !served.has(key))
      .map((key) => found("stage", "resources", `the operation "${key}" has no route`)),
    ...routes.flatMap((route) => {
      const key = String(raw(route, "routeKey"));
      const [scope, ...others] = new Set(operationsOf(operations, key).map((one) => operations[one]));
      if (scope === undefined) return [found(route, "routeKey", `no operation has the route "${key}"`)];
      if (others.length > 0) return [found(route, "routeKey", "its operations ask for different scopes")];
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

/** Keys of the operations that a route takes requests for; `ANY /path` takes those of every method. */
function operationsOf(operations: Readonly<Record<string, string>>, key: string): string[] {
  const [method, path] = key.split(" ");
  return Object.keys(operations).filter((one) => one === key || (method === "ANY" && one.split(" ")[1] === path));
}

/** The integration that a route leads to; undefined where that cannot be told. */
function integrationOf(view: View, route: Resource): Resource | undefined {
  const target = written(raw(route, "target"));
  return view.all(INTEGRATION).find((one) => target === `integrations/${outputText(one, "id")}`);
}

const functions = new WeakMap<View, Map<Resource, Resource | undefined>>();

/** The function that a route leads to. */
export function functionOf(view: View, route: Resource): Resource | undefined {
  const known = functions.get(view) ?? new Map(view.all(ROUTE).map((one) => [one, findFunction(view, one)]));
  functions.set(view, known);
  return known.get(route);
}

function findFunction(view: View, route: Resource): Resource | undefined {
  const integration = integrationOf(view, route);
  const target = integration && targetOf(view, raw(integration, "integrationUri"));
  return target?.resource.type === FUNCTION ? target.resource : undefined;
}

function authorizerFindings(view: View, authorizer: Resource): Finding[] {
  if (raw(authorizer, "authorizerType") === "REQUEST")
    return expectTarget(view, authorizer, "authorizerUri", [FUNCTION], "expected a function of this deployment");
  const issuers = view.all(POOL).map((pool) => `https://${outputText(pool, "endpoint")}`);
  const issuer = written(raw(authorizer, "jwtConfiguration.issuer")) ?? "";
  const own = issuers.length === 0 ? /^https:\/\/[^*]+$/.test(issuer) : issuers.includes(issuer);
  const audiences = raw(authorizer, "jwtConfiguration.audiences");
  const list = Array.isArray(audiences) ? audiences : [];
  const sources = JSON.stringify(["$request.header.Authorization"]);
  return [
    ...expectThat(view, authorizer, "authorizerType", (type) => type === "JWT", "expected JWT"),
    ...(own
      ? []
      : [found(authorizer, "jwtConfiguration.issuer", "expected the issuer of this deployment's user pool")]),
    ...(list.length > 0 ? [] : [found(authorizer, "jwtConfiguration.audiences", "expected the clients' ids")]),
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
      "expected the Authorization header alone: an address with a token in it is written to logs",
    ),
    ...expectTarget(view, authorizer, "apiId", [API], "expected an API of this deployment"),
  ];
}

/** True for an origin or a page's address that nobody on the way can read or change. */
export function isTrusted(written: string, strict: boolean): boolean {
  const url = written.replaceAll(/\$\{[^}]*\}/g, "deployed.invalid"); // a host that the deployment will know
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, hash } = new URL(url);
  return hash === "" && (protocol === "https:" || (!strict && protocol === "http:" && hostname === "localhost"));
}
