import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import type { Edge } from "../edge/edge";
import { objectOf } from "../kit/json";
import { compileFormat, type LineFormat } from "./access-log";
import { type ApiAddresses, type ApiMapping, basePathOf } from "./address";
import type { JwtAuthorizer } from "./authorizer";
import type { CorsConfiguration } from "./cors";
import { authorizerOf, corsOf, scopesOfRoute, throttleOf, timeoutOf } from "./settings";
import type { ThrottleLimits } from "./throttle";

/** An HTTP API with one stage, as the graph declares it. */
export interface HttpApi {
  id: string;
  accountId: string;
  addresses: ApiAddresses;
  /** The API's public host on AWS. Offline treats any other Host as this one. */
  defaultHost: string;
  /** Prefix of every route's path in a caller's URL, such as `/dev`. */
  basePath: string;
  routes: Route[];
  cors: CorsConfiguration | undefined;
  /** Limits of each route. */
  throttle: ThrottleLimits | undefined;
  accessLog: { group: string; format: LineFormat } | undefined;
}

export interface Route {
  routeKey: string;
  /** Absent if the route is public. */
  authorizer?: JwtAuthorizer;
  /** A token needs one of these scopes. If empty, any valid token is enough. */
  scopes: string[];
  functionArn: string;
  /** Time that API Gateway waits for the function. */
  timeoutMs: number;
}

const TYPE = "aws:apigatewayv2/";

/** Lists the hosts of the API on AWS: the execute-api host and the custom domains. */
export function apiHostsOf(graph: ResolvedGraph): string[] {
  const endpoints = all(graph, `${TYPE}api:Api`).map(({ outputs }) => new URL(outputs.apiEndpoint ?? "").host);
  return [...endpoints, ...all(graph, `${TYPE}domainName:DomainName`).map(({ inputs }) => String(inputs.domainName))];
}

/**
 * Reads the API of a graph.
 *
 * @param edge the distribution in front of the API
 * @throws Error that names the declaration that cannot be served, and the reason
 */
export function readApi(graph: ResolvedGraph, edge: Edge | undefined): HttpApi {
  const api = only(graph, `${TYPE}api:Api`);
  const stage = only(graph, `${TYPE}stage:Stage`);
  if (api.inputs.protocolType !== "HTTP")
    throw new Error(`the API has the protocol ${api.inputs.protocolType}: only HTTP is supported`);
  const id = api.outputs.id ?? "";
  const authorizers = authorizersOf(graph);
  const addresses: ApiAddresses = {
    stage: String(stage.inputs.name),
    executeApiHost: `${id}.execute-api.${graph.region}.amazonaws.com`,
    isExecuteApiDisabled: api.inputs.disableExecuteApiEndpoint === true,
    mappings: mappingsOf(graph, id),
  };
  const defaultHost = edge?.originHost ?? publicHostOf(addresses);
  return {
    id,
    accountId: /:(\d{12}):/.exec(api.outputs.executionArn ?? "")?.[1] ?? "",
    addresses,
    defaultHost,
    basePath: basePathOf(addresses, defaultHost, edge?.originPath),
    routes: all(graph, `${TYPE}route:Route`).map((route) => readRoute(route, authorizers, graph)),
    cors: corsOf(api.inputs),
    throttle: throttleOf(stage.inputs),
    accessLog: accessLogOf(stage, graph),
  };
}

function mappingsOf(graph: ResolvedGraph, apiId: string): ApiMapping[] {
  return all(graph, `${TYPE}apiMapping:ApiMapping`)
    .filter(({ inputs }) => inputs.apiId === apiId)
    .map(({ inputs: { domainName, apiMappingKey } }) => {
      // A mapping refers to the domain by id, which is the domain's name.
      return { domainName: String(domainName), key: typeof apiMappingKey === "string" ? apiMappingKey : "" };
    });
}

/** The host shown to callers: a custom domain if there is one, as in SST's `api.url`. */
function publicHostOf({ mappings, executeApiHost }: ApiAddresses): string {
  return mappings[0]?.domainName ?? executeApiHost;
}

type Authorizers = Map<string, JwtAuthorizer>;

function authorizersOf(graph: ResolvedGraph): Authorizers {
  const jwt = all(graph, `${TYPE}authorizer:Authorizer`).filter(({ inputs }) => inputs.authorizerType === "JWT");
  return new Map(jwt.map((resource) => [resource.outputs.id ?? "", authorizerOf(resource)]));
}

function readRoute({ inputs }: ResolvedResource, authorizers: Authorizers, graph: ResolvedGraph): Route {
  const routeKey = String(inputs.routeKey);
  const authorizer = routeAuthorizer(routeKey, inputs, authorizers);
  return {
    routeKey,
    ...(authorizer !== undefined && { authorizer }),
    scopes: scopesOfRoute(inputs),
    ...readIntegration(routeKey, String(inputs.target), graph),
  };
}

function routeAuthorizer(routeKey: string, inputs: ResolvedResource["inputs"], authorizers: Authorizers) {
  const { authorizationType = "NONE", authorizerId } = inputs;
  if (authorizationType === "NONE") {
    if (authorizerId === undefined && scopesOfRoute(inputs).length === 0) return undefined;
    throw new Error(`route "${routeKey}" has an authorizer or scopes but no authorizationType: it would be public`);
  }
  if (authorizationType !== "JWT") {
    throw new Error(
      `route "${routeKey}" requires ${authorizationType} authorization, which is not simulated: it would be ` +
        `public here`,
    );
  }
  const authorizer = authorizers.get(String(authorizerId));
  if (authorizer === undefined) {
    throw new Error(
      `route "${routeKey}" has the authorizer ${authorizerId}, which is not a JWT authorizer of the graph`,
    );
  }
  return authorizer;
}

function readIntegration(routeKey: string, target: string, graph: ResolvedGraph) {
  const id = target.replace("integrations/", "");
  const integration = all(graph, `${TYPE}integration:Integration`).find(({ outputs }) => outputs.id === id);
  if (integration === undefined)
    throw new Error(`route "${routeKey}" has the target ${target}, which is not in the graph`);
  const { integrationType, integrationUri, payloadFormatVersion } = integration.inputs;
  if (integrationType !== "AWS_PROXY" || payloadFormatVersion !== "2.0") {
    throw new Error(
      `route "${routeKey}": only AWS_PROXY integrations with payload format 2.0 are supported, ` +
        `found ${integrationType} ${payloadFormatVersion}`,
    );
  }
  return { functionArn: String(integrationUri), timeoutMs: timeoutOf(routeKey, integration.inputs) };
}

function accessLogOf(stage: ResolvedResource, graph: ResolvedGraph): HttpApi["accessLog"] {
  const { accessLogSettings } = stage.inputs;
  if (accessLogSettings === undefined || accessLogSettings === null) return undefined;
  const { destinationArn, format } = objectOf(accessLogSettings);
  const group = all(graph, "aws:cloudwatch/logGroup:LogGroup").find(({ outputs }) => outputs.arn === destinationArn);
  if (group === undefined) {
    throw new Error(`the access log goes to ${destinationArn}, a log group that is not in the graph`);
  }
  return { group: String(group.inputs.name), format: compileFormat(String(format)) };
}

function only(graph: ResolvedGraph, type: string): ResolvedResource {
  const found = all(graph, type);
  if (found.length !== 1) throw new Error(`offline needs exactly one ${type} in the graph, found ${found.length}`);
  return found[0] as ResolvedResource;
}

function all(graph: ResolvedGraph, type: string): ResolvedResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}
