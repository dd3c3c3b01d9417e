import path from "node:path";

import type { Graph } from "@secure-backend/graph/graph";
import { ACCOUNT_ID } from "@secure-backend/graph/names";
import { type ResolvedGraph, type ResolvedResource, resolve } from "@secure-backend/graph/resolve";

import { type AwsBackend, type AwsPlaces, createAwsBackend } from "./aws/backend";
import { issuerOf } from "./cognito/places";
import { distributionOf, edgeOf, secretsOf } from "./edge/edge";
import { mappingOf } from "./edge/mapping";
import { compileFormat } from "./gateway/access-log";
import { apiOf } from "./gateway/api";
import { createGateway } from "./gateway/handle";
import type { Backend } from "./gateway/server";
import { objectOf } from "./gateway/settings";
import { asynchronousInvocation, type SendDeadLetter } from "./lambda/asynchronous";
import { type BuildNews, startLambda } from "./lambda/service";
import { startSubscriptions, subscriptionsOf } from "./logs/subscriptions";
import { schedulesOf, startSchedules } from "./schedule/schedules";

/** One graph, ready to be served. */
export interface GraphBackend extends Backend {
  graph: ResolvedGraph;
  /** As it would be deployed, with the addresses of AWS. */
  declared: Graph;
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
  /** Where the API is reached, such as `http://127.0.0.1:3000`; in the graph it has an address of AWS. */
  origin: string;
  /** Where the console is, such as `http://localhost:5173`: what its site's address in the graph stands for here. */
  consoleOrigin: string;
}

export interface BackendNews extends BuildNews {
  notice(text: string): void;
}

/** Throws an Error that names what in the graph cannot be served, and why. */
export function createBackend(graph: Graph, places: Places, news: BackendNews): GraphBackend {
  const { project, folder, functions, logs, logGroups, origin } = places;
  const declared = resolve(graph);
  const distribution = distributionOf(declared);
  const addresses = { ...addressesOf(declared, places), ...(distribution && edgeAddresses(distribution, origin)) };
  const resolved = resolve(graph, { ...endpointOf(graph, origin), ...secretsOf(graph) }, addresses);
  const api = apiOf(resolved);
  const { accessLog } = api;
  const format = accessLog && compileFormat(accessLog.format);
  const writer = accessLog && logs.openStream(accessLog.group, "access-log");
  const gateway = createGateway(api, (arn) => lambda.functions.get(arn)); // before anything is started that would have to be stopped
  const subscriptions = subscriptionsOf(resolved, ACCOUNT_ID);
  const aws = createAwsBackend(resolved, places);
  const lambda = startLambda(resolved, project, functions, logs, aws.variablesOf, news);
  const stopping = new AbortController();
  const invoke = asynchronousInvocation(lambda.functions, deadLettersOf(resolved, aws, news), stopping.signal);
  const stopSubscriptions = startSubscriptions(
    subscriptions,
    logGroups,
    path.join(folder, "subscriptions"),
    invoke,
    news.notice,
  );
  const stopSchedules = startSchedules(schedulesOf(resolved), path.join(folder, "schedules.json"), invoke, news.notice);
  return {
    graph: resolved,
    declared: graph,
    api,
    arrive: arrivalOf(resolved, distribution),
    aws,
    gateway,
    accessLog: format && writer && { format, writer },
    async stop() {
      stopping.abort();
      stopSchedules();
      await stopSubscriptions();
      await lambda.stop();
    },
  };
}

/** Lambda sends what failed in the function's own name: its role must allow that. */
function deadLettersOf({ resources }: ResolvedGraph, aws: AwsBackend, { notice }: BackendNews): SendDeadLetter {
  const targets = new Map(
    resources
      .filter(({ type }) => type === "aws:lambda/function:Function")
      .map(({ outputs, inputs }) => [outputs.arn, objectOf(inputs.deadLetterConfig).targetArn]),
  );
  return async ({ config: { arn, name } }, event, { requestId, errorMessage }) => {
    const target = targets.get(arn);
    if (target === undefined) return notice(`${name} failed three times for an event, which is lost: ${errorMessage}`);
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    const text = (StringValue: string) => ({ DataType: "String" as const, StringValue });
    const MessageAttributes = {
      RequestID: text(requestId),
      ErrorCode: { DataType: "Number" as const, StringValue: "200" },
      ErrorMessage: text(errorMessage.slice(0, 1024)),
    };
    try {
      await aws.sendTo(String(target), name, { MessageBody: event, MessageAttributes });
      notice(`${name} failed three times for an event: it is among the dead letters now (${errorMessage})`);
    } catch (error) {
      notice((error as Error).message);
    }
  };
}

/** Callers reach the edge where the API is. */
function edgeAddresses({ outputs, inputs }: ResolvedResource, origin: string): Record<string, string> {
  const aliases = Array.isArray(inputs.aliases) ? inputs.aliases : [];
  return Object.fromEntries([outputs.domainName, ...aliases].map((host) => [`https://${host}`, origin]));
}

/** What becomes of a request before it is at the API. */
function arrivalOf(graph: ResolvedGraph, distribution: ResolvedResource | undefined): Backend["arrive"] {
  const found = graph.resources.find(({ urn }) => urn === distribution?.urn);
  const edge = found && edgeOf(graph, found);
  const mapping = mappingOf(graph);
  if (edge === undefined && mapping === undefined) return undefined;
  return async (request) => {
    const sent = (await edge?.(request)) ?? request;
    return mapping?.(sent) ?? sent;
  };
}

function endpointOf({ resources }: Graph, origin: string): Record<string, string> {
  const apis = resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");
  return Object.fromEntries(apis.map(({ urn }) => [`${urn}#apiEndpoint`, origin]));
}

/** Where the console is, and the user pools: their issuers and their sign-in domains, which are one place here. */
function addressesOf(graph: ResolvedGraph, { endpointUrl, consoleOrigin }: Places): Record<string, string> {
  const { resources, region, outputs } = graph;
  const issuers = resources
    .filter(({ type }) => type === "aws:cognito/userPool:UserPool")
    .map(({ outputs: { id = "", endpoint = "" } }) => [`https://${endpoint}`, issuerOf(endpointUrl, id)]);
  const domains = resources
    .filter(({ type }) => type === "aws:cognito/userPoolDomain:UserPoolDomain")
    .map(({ inputs: { domain, userPoolId } }) => [
      `https://${domain}.auth.${region}.amazoncognito.com`,
      issuerOf(endpointUrl, String(userPoolId)),
    ]);
  const site = typeof outputs.consoleUrl === "string" ? [[outputs.consoleUrl, consoleOrigin]] : [];
  return Object.fromEntries([...site, ...issuers, ...domains]);
}
