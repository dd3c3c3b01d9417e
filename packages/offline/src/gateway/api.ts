import type { ResolvedGraph, ResolvedResource } from "@secure-backend/graph/resolve";

import type { JwtAuthorizer } from "./authorizer";
import type { CorsConfiguration } from "./cors";
import { authorizerOf, corsOf, objectOf, scopesOfRoute, throttleOf, timeoutOf } from "./settings";
import type { ThrottleLimits } from "./throttle";

/** An HTTP API with its one stage, as the graph declares it. */
export interface HttpApi {
  id: string;
  accountId: string;
  /** `<id>.execute-api.<region>.amazonaws.com`. */
  domainName: string;
  stage: string;
  routes: Route[];
  cors: CorsConfiguration | undefined;
  /** Of each route. */
  throttle: ThrottleLimits | undefined;
  accessLog: { group: string; format: string } | undefined;
}

export interface Route {
  routeKey: string;
  /** Absent where anyone may call. */
  authorizer?: JwtAuthorizer;
  /** One of them is enough; none: any valid token. */
  scopes: string[];
  /** ARN of the function. */
  functionArn: string;
  /** Milliseconds that API Gateway waits for the function. */
  timeoutMs: number;
}

const TYPE = "aws:apigatewayv2/";

/** Reads the API out of a graph. Throws an Error that names what cannot be served, and why. */
export function apiOf(graph: ResolvedGraph): HttpApi {
  const api = only(graph, `${TYPE}api:Api`);
  const stage = only(graph, `${TYPE}stage:Stage`);
  if (api.inputs.protocolType !== "HTTP")
    throw new Error(`the API is of protocol ${api.inputs.protocolType}, only HTTP is served`);
  const id = api.outputs.id ?? "";
  const authorizers = authorizersOf(graph);
  return {
    id,
    accountId: /:(\d{12}):/.exec(api.outputs.executionArn ?? "")?.[1] ?? "",
    domainName: `${id}.execute-api.${graph.region}.amazonaws.com`,
    stage: String(stage.inputs.name),
    routes: all(graph, `${TYPE}route:Route`).map((route) => routeOf(route, authorizers, graph)),
    cors: corsOf(api.inputs),
    throttle: throttleOf(stage.inputs),
    accessLog: accessLogOf(stage, graph),
  };
}

type Authorizers = Map<string, JwtAuthorizer>;

function authorizersOf(graph: ResolvedGraph): Authorizers {
  const jwt = all(graph, `${TYPE}authorizer:Authorizer`).filter(({ inputs }) => inputs.authorizerType === "JWT");
  return new Map(jwt.map((resource) => [resource.outputs.id ?? "", authorizerOf(resource)]));
}

function routeOf({ inputs }: ResolvedResource, authorizers: Authorizers, graph: ResolvedGraph): Route {
  const routeKey = String(inputs.routeKey);
  const authorizer = routeAuthorizer(routeKey, inputs, authorizers);
  return {
    routeKey,
    ...(authorizer !== undefined && { authorizer }),
    scopes: scopesOfRoute(inputs),
    ...integrationOf(routeKey, String(inputs.target), graph),
  };
}

function routeAuthorizer(routeKey: string, inputs: ResolvedResource["inputs"], authorizers: Authorizers) {
  const { authorizationType = "NONE", authorizerId } = inputs;
  if (authorizationType === "NONE") {
    if (authorizerId === undefined && scopesOfRoute(inputs).length === 0) return undefined;
    throw new Error(`route "${routeKey}" names an authorizer or scopes and no authorizationType: it would be open`);
  }
  if (authorizationType !== "JWT") {
    throw new Error(
      `route "${routeKey}" asks for ${authorizationType} authorization, which is not simulated: it would be open here`,
    );
  }
  const authorizer = authorizers.get(String(authorizerId));
  if (authorizer === undefined) {
    throw new Error(`route "${routeKey}" names authorizer ${authorizerId}, no JWT authorizer of the graph`);
  }
  return authorizer;
}

function integrationOf(routeKey: string, target: string, graph: ResolvedGraph) {
  const id = target.replace("integrations/", "");
  const integration = all(graph, `${TYPE}integration:Integration`).find(({ outputs }) => outputs.id === id);
  if (integration === undefined)
    throw new Error(`route "${routeKey}" leads to ${target}, which the graph does not hold`);
  const { integrationType, integrationUri, payloadFormatVersion } = integration.inputs;
  if (integrationType !== "AWS_PROXY" || payloadFormatVersion !== "2.0") {
    throw new Error(
      `route "${routeKey}": only AWS_PROXY integrations in payload format 2.0 are served, found ${integrationType} ${payloadFormatVersion}`,
    );
  }
  const functionArn = String(integrationUri);
  const urn = graph.resources.find(({ outputs }) => outputs.arn === functionArn)?.urn;
  if (!graph.functions.some((build) => build.urn === urn)) {
    throw new Error(`route "${routeKey}" leads to ${functionArn}, a function that is not built from this project`);
  }
  return { functionArn, timeoutMs: timeoutOf(routeKey, integration.inputs) };
}

function accessLogOf(stage: ResolvedResource, graph: ResolvedGraph): HttpApi["accessLog"] {
  const { accessLogSettings } = stage.inputs;
  if (accessLogSettings === undefined || accessLogSettings === null) return undefined;
  const { destinationArn, format } = objectOf(accessLogSettings);
  const group = all(graph, "aws:cloudwatch/logGroup:LogGroup").find(({ outputs }) => outputs.arn === destinationArn);
  if (group === undefined) {
    throw new Error(`the access log goes to ${destinationArn}, a log group that the graph does not hold`);
  }
  return { group: String(group.inputs.name), format: String(format) };
}

function only(graph: ResolvedGraph, type: string): ResolvedResource {
  const found = all(graph, type);
  if (found.length !== 1) throw new Error(`offline serves a graph with one ${type}, this one has ${found.length}`);
  return found[0] as ResolvedResource;
}

function all(graph: ResolvedGraph, type: string): ResolvedResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}
