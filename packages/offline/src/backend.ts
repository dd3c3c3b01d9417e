import type { Graph } from "@secure-backend/graph/graph";
import { type ResolvedGraph, resolve } from "@secure-backend/graph/resolve";

import { compileFormat } from "./gateway/access-log";
import { apiOf } from "./gateway/api";
import { createGateway } from "./gateway/handle";
import type { Backend } from "./gateway/server";
import { type BuildNews, startLambda } from "./lambda/service";
import type { LogService } from "./logs/service";

/** One graph, ready to be served. */
export interface GraphBackend extends Backend {
  graph: ResolvedGraph;
  /** Lets invocations come to their end, then gives up the functions. */
  stop(): Promise<void>;
}

/** Where a backend keeps its things. */
export interface Places {
  /** Folder that the handlers of functions are relative to. */
  project: string;
  /** Folder of the bundles. */
  functions: string;
  logs: LogService;
  /** Where the API is reached, such as `http://127.0.0.1:3000`; in the graph it has an address of AWS. */
  origin: string;
}

/** Throws an Error that names what in the graph cannot be served, and why. */
export function createBackend(
  graph: Graph,
  { project, functions, logs, origin }: Places,
  news: BuildNews,
): GraphBackend {
  const resolved = resolve(graph, endpointOf(graph, origin));
  const api = apiOf(resolved);
  const { accessLog } = api;
  const format = accessLog && compileFormat(accessLog.format);
  const writer = accessLog && logs.openStream(accessLog.group, "access-log");
  const gateway = createGateway(api, (arn) => lambda.functions.get(arn)); // before anything is started that would have to be stopped
  const lambda = startLambda(resolved, project, functions, logs, news);
  return {
    graph: resolved,
    api,
    gateway,
    accessLog: format && writer && { format, writer },
    stop: lambda.stop,
  };
}

function endpointOf({ resources }: Graph, origin: string): Record<string, string> {
  const apis = resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");
  return Object.fromEntries(apis.map(({ urn }) => [`${urn}#apiEndpoint`, origin]));
}
