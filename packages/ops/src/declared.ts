import { existsSync } from "node:fs";

import type { Plain, Value } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { isSecret, splitPieces } from "@backend/sst-graph/reference";
import { type ResolvedGraph, type ResolvedResource, resolve } from "@backend/sst-graph/resolve";
import { graphFile } from "@backend/sst-graph/stages";

/** What a stage declares, by its names in AWS. */
export interface Declared {
  app: string;
  stage: string;
  region: string;
  tags: Record<string, string>;
  apis: string[];
  /** Address of the API with its stage. An object refers to a text that a deployment makes. */
  url: (string | DeployedAddress)[];
  /** Path of a public GET route; undefined if there is none. */
  publicPath: string | undefined;
  functions: DeclaredFunction[];
  logGroups: { name: string; kept: boolean }[];
  tables: string[];
  /** Number of routes, of the API with most. */
  routes: number;
  /** Whether anything is served by CloudFront. */
  hasDistribution: boolean;
  /** Names of SST's secrets, and of those among them that CloudFront sends as a header. */
  secrets: string[];
  headerSecrets: string[];
  /** Topics of alarms, with the addresses that are subscribed by the graph. */
  topics: { name: string; recipients: string[] }[];
  /** `sst remove` refuses to remove it: the stage that people rely on. */
  protect: boolean;
  /** Requests a second and burst of the API's stage. */
  throttle?: { rateLimit: number; burstLimit: number };
  /**
   * Prefix domains of user pools; derived from the account's number, so only their shape is known.
   */
  cognitoDomains: string[];
  userPools: string[];
  /** Groups of people that a deployment makes. */
  groups: string[];
  /** Names of the clients of user pools. */
  clients: string[];
}

export interface DeclaredFunction {
  /** In AWS: `AcmeReadOrders-dev`. */
  name: string;
  /** In sst.config.ts: `ReadOrders`. */
  logicalName: string;
  /** A route leads to it. */
  isServed: boolean;
  /** Invocations that may run at once; undefined: no limit of its own. */
  reservedConcurrency: number | undefined;
}

/** An API or a distribution: `https://<id>.execute-api...` or `<id>.cloudfront.net`. */
export interface DeployedAddress {
  of: "API" | "distribution";
  /** A distribution has no name: its comment. */
  name: string;
}

/**
 * Reads `infra/graph/<stage>.json`. A personal stage has no graph: it is deployed like `dev`, under
 * its own name. Throws an Error if neither graph exists.
 */
export function declaredBy(project: string, stage: string): Declared {
  const fileOf = (name: string) => graphFile(project, name);
  const model = [stage, "dev"].find((name) => existsSync(fileOf(name)));
  if (model === undefined)
    throw new Error(`${fileOf(stage)} is not there: expected a deployment graph, as pnpm synth writes it`);
  const declared = loadGraph(fileOf(model));
  const graph = resolve(declared);
  const renamed = (name: string) => nameInStage(name, model, stage);
  const ofType = (type: string) => graph.resources.filter((resource) => resource.type === type);
  const namesOf = (type: string, key = "name") => ofType(type).map((resource) => renamed(text(resource, key)));
  const [apiStage] = ofType("aws:apigatewayv2/stage:Stage");
  const throttle = throttleOf(apiStage?.inputs.defaultRouteSettings);
  return {
    app: graph.app,
    stage,
    region: graph.region,
    tags: Object.fromEntries(Object.entries(graph.tags).map(([key, value]) => [key, value === model ? stage : value])),
    apis: namesOf("aws:apigatewayv2/api:Api"),
    url: urlIn(declared.outputs.url, graph, renamed),
    publicPath: publicPathIn(ofType("aws:apigatewayv2/route:Route")),
    functions: functionsIn(graph, renamed),
    logGroups: ofType("aws:cloudwatch/logGroup:LogGroup").map((resource) => ({
      name: renamed(text(resource, "name")),
      kept: resource.retainOnDelete === true,
    })),
    tables: namesOf("aws:dynamodb/table:Table"),
    routes: mostRoutes(ofType("aws:apigatewayv2/route:Route")),
    hasDistribution: ofType("aws:cloudfront/distribution:Distribution").length > 0,
    secrets: ofType("sst:sst:Secret").map(({ name }) => name),
    headerSecrets: [
      ...new Set(
        declared.resources
          .filter(({ type }) => type === "aws:cloudfront/distribution:Distribution")
          .flatMap(({ inputs }) => secretsIn(inputs)),
      ),
    ],
    topics: ofType("aws:sns/topic:Topic").map((topic) => ({
      name: renamed(text(topic, "name")),
      recipients: ofType("aws:sns/topicSubscription:TopicSubscription")
        .filter(({ inputs }) => inputs.topic === topic.outputs.arn && inputs.protocol === "email")
        .map((subscription) => text(subscription, "endpoint")),
    })),
    protect: graph.protect,
    ...(throttle !== undefined && { throttle }),
    cognitoDomains: namesOf("aws:cognito/userPoolDomain:UserPoolDomain", "domain"),
    userPools: namesOf("aws:cognito/userPool:UserPool"),
    groups: namesOf("aws:cognito/userGroup:UserGroup"),
    clients: namesOf("aws:cognito/userPoolClient:UserPoolClient"),
  };
}

/**
 * Returns a name for another stage. Names end in the stage: `AcmeTraffic-dev`,
 * `/aws/apigateway/AcmeAPI/dev`.
 */
export function nameInStage(name: string, from: string, to: string): string {
  return name.endsWith(`-${from}`) || name.endsWith(`/${from}`) ? `${name.slice(0, -from.length)}${to}` : name;
}

function functionsIn(graph: ResolvedGraph, renamed: (name: string) => string): DeclaredFunction[] {
  const served = new Set(
    graph.resources
      .filter(({ type }) => type === "aws:apigatewayv2/integration:Integration")
      .map((integration) => text(integration, "integrationUri")),
  );
  return graph.resources
    .filter(({ type }) => type === "aws:lambda/function:Function")
    .map((resource) => {
      const { reservedConcurrentExecutions: reserved } = resource.inputs;
      return {
        name: renamed(text(resource, "name")),
        logicalName: graph.functions.find(({ urn }) => urn === resource.urn)?.name ?? resource.name,
        isServed: served.has(resource.outputs.arn ?? ""),
        reservedConcurrency: typeof reserved === "number" && reserved >= 0 ? reserved : undefined,
      };
    });
}

/** Outputs that are addresses chosen by AWS, with the input that names the resource. */
const ADDRESSES: Record<string, { of: DeployedAddress["of"]; key: string }> = {
  "aws:apigatewayv2/api:Api#apiEndpoint": { of: "API", key: "name" },
  "aws:cloudfront/distribution:Distribution#domainName": { of: "distribution", key: "comment" },
};

function urlIn(url: unknown, graph: ResolvedGraph, renamed: (name: string) => string): Declared["url"] {
  if (typeof url !== "string") return [];
  return splitPieces(url).map((piece) => {
    if ("text" in piece) return renamed(piece.text);
    const [urn = "", output = ""] = "ref" in piece ? piece.ref.split("#") : [];
    const resource = graph.resources.find((candidate) => candidate.urn === urn);
    const address = ADDRESSES[`${resource?.type}#${output}`];
    if (resource === undefined || address === undefined) return resource?.outputs[output] ?? "";
    return { of: address.of, name: renamed(text(resource, address.key)) };
  });
}

function publicPathIn(routes: ResolvedResource[]): string | undefined {
  return routes
    .filter(({ inputs }) => inputs.authorizationType === "NONE")
    .map((route) => /^(?:GET|ANY) (\/[^{}]*)$/.exec(text(route, "routeKey"))?.[1])
    .find((path) => path !== undefined);
}

function mostRoutes(routes: ResolvedResource[]): number {
  const counts = new Map<unknown, number>();
  for (const { inputs } of routes) counts.set(inputs.apiId, (counts.get(inputs.apiId) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

function secretsIn(value: Value): string[] {
  if (typeof value === "string")
    return splitPieces(value).flatMap((piece) => ("secret" in piece ? [piece.secret] : []));
  if (typeof value !== "object" || value === null) return [];
  if (isSecret(value)) return [value.secret];
  return Object.values(value).flatMap((part) => secretsIn(part as Value));
}

function text({ inputs }: ResolvedResource, key: string): string {
  const value = inputs[key];
  return typeof value === "string" ? value : "";
}

function throttleOf(settings: Plain | undefined): Declared["throttle"] {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return undefined;
  const { throttlingRateLimit: rateLimit, throttlingBurstLimit: burstLimit } = settings;
  return typeof rateLimit === "number" && typeof burstLimit === "number" ? { rateLimit, burstLimit } : undefined;
}
