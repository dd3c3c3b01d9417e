import type { Graph } from "@secure-backend/graph/graph";
import { type ResolvedGraph, resolve } from "@secure-backend/graph/resolve";

import { type AwsBackend, type AwsPlaces, createAwsBackend } from "./aws/backend";
import { issuerOf } from "./cognito/places";
import { compileFormat } from "./gateway/access-log";
import { apiOf } from "./gateway/api";
import { createGateway } from "./gateway/handle";
import type { Backend } from "./gateway/server";
import { type BuildNews, startLambda } from "./lambda/service";
import type { LogService } from "./logs/service";

/** One graph, ready to be served. */
export interface GraphBackend extends Backend {
  graph: ResolvedGraph;
  aws: AwsBackend;
  /** Lets invocations come to their end, then gives up the functions. */
  stop(): Promise<void>;
}

/** Where a backend keeps its things. */
export interface Places extends AwsPlaces {
  /** Folder that the handlers of functions are relative to. */
  project: string;
  /** Folder of the bundles. */
  functions: string;
  logs: LogService;
  /** Where the API is reached, such as `http://127.0.0.1:3000`; in the graph it has an address of AWS. */
  origin: string;
}

/** Throws an Error that names what in the graph cannot be served, and why. */
export function createBackend(graph: Graph, places: Places, news: BuildNews): GraphBackend {
  const { project, functions, logs, origin, endpointUrl } = places;
  const resolved = resolve(graph, endpointOf(graph, origin), addressesOf(resolve(graph), endpointUrl));
  const api = apiOf(resolved);
  const { accessLog } = api;
  const format = accessLog && compileFormat(accessLog.format);
  const writer = accessLog && logs.openStream(accessLog.group, "access-log");
  const gateway = createGateway(api, (arn) => lambda.functions.get(arn)); // before anything is started that would have to be stopped
  const aws = createAwsBackend(resolved, places);
  const lambda = startLambda(resolved, project, functions, logs, aws.variablesOf, news);
  return {
    graph: resolved,
    api,
    aws,
    gateway,
    accessLog: format && writer && { format, writer },
    stop: lambda.stop,
  };
}

function endpointOf({ resources }: Graph, origin: string): Record<string, string> {
  const apis = resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");
  return Object.fromEntries(apis.map(({ urn }) => [`${urn}#apiEndpoint`, origin]));
}

/** Where the user pools are: their issuers and their sign-in domains, which are one place here. */
function addressesOf({ resources, region }: ResolvedGraph, endpointUrl: string): Record<string, string> {
  const issuers = resources
    .filter(({ type }) => type === "aws:cognito/userPool:UserPool")
    .map(({ outputs: { id = "", endpoint = "" } }) => [`https://${endpoint}`, issuerOf(endpointUrl, id)]);
  const domains = resources
    .filter(({ type }) => type === "aws:cognito/userPoolDomain:UserPoolDomain")
    .map(({ inputs: { domain, userPoolId } }) => [
      `https://${domain}.auth.${region}.amazoncognito.com`,
      issuerOf(endpointUrl, String(userPoolId)),
    ]);
  return Object.fromEntries([...issuers, ...domains]);
}
