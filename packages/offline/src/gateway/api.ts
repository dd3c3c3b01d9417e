import type { Plain } from "@secure-backend/graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@secure-backend/graph/resolve";

/** An HTTP API with its one stage, as the graph declares it. */
export interface HttpApi {
  id: string;
  accountId: string;
  /** `<id>.execute-api.<region>.amazonaws.com`. */
  domainName: string;
  stage: string;
  routes: Route[];
  accessLog: { group: string; format: string } | undefined;
}

export interface Route {
  routeKey: string;
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
  const id = api.outputs.id ?? "";
  return {
    id,
    accountId: /:(\d{12}):/.exec(api.outputs.executionArn ?? "")?.[1] ?? "",
    domainName: `${id}.execute-api.${graph.region}.amazonaws.com`,
    stage: String(stage.inputs.name),
    routes: all(graph, `${TYPE}route:Route`).map((route) => routeOf(route, graph)),
    accessLog: accessLogOf(stage, graph),
  };
}

function routeOf({ inputs }: ResolvedResource, graph: ResolvedGraph): Route {
  const routeKey = String(inputs.routeKey);
  const authorization = String(inputs.authorizationType ?? "NONE");
  if (authorization !== "NONE") {
    throw new Error(
      `route "${routeKey}" asks for ${authorization} authorization, which is not simulated: it would be open here`,
    );
  }
  const id = String(inputs.target).replace("integrations/", "");
  const integration = all(graph, `${TYPE}integration:Integration`).find(({ outputs }) => outputs.id === id);
  if (integration === undefined)
    throw new Error(`route "${routeKey}" leads to ${inputs.target}, which the graph does not hold`);
  const { integrationType, integrationUri, payloadFormatVersion, timeoutMilliseconds = 30_000 } = integration.inputs;
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
  return { routeKey, functionArn, timeoutMs: Number(timeoutMilliseconds) };
}

function accessLogOf(stage: ResolvedResource, graph: ResolvedGraph): HttpApi["accessLog"] {
  const settings = stage.inputs.accessLogSettings;
  if (!isObject(settings)) return undefined;
  const group = all(graph, "aws:cloudwatch/logGroup:LogGroup").find(
    ({ outputs }) => outputs.arn === settings.destinationArn,
  );
  if (group === undefined)
    throw new Error(`the access log goes to ${settings.destinationArn}, a log group that the graph does not hold`);
  return { group: String(group.inputs.name), format: String(settings.format) };
}

function only(graph: ResolvedGraph, type: string): ResolvedResource {
  const found = all(graph, type);
  if (found.length !== 1) throw new Error(`offline serves a graph with one ${type}, this one has ${found.length}`);
  return found[0] as ResolvedResource;
}

function all(graph: ResolvedGraph, type: string): ResolvedResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}

function isObject(value: Plain | undefined): value is { [key: string]: Plain } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
