import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";
import { areFresh, stampsOf } from "@backend/launch/stamps";
import { changesBetween, summarize } from "@backend/sst-graph/diff-summary";
import type { Graph } from "@backend/sst-graph/graph";
import { openStageGraph, renewWhileStale } from "@backend/sst-graph/stage-graph";
import { UsageError } from "@backend/sst-graph/usage-error";

import type { OfflineApp } from "./app";
import { createEndpointServer } from "./aws/endpoint";
import type { Background } from "./deployment/background";
import { readDeployment } from "./deployment/deployment";
import { type Running, startDeployment } from "./deployment/start";
import { openTables } from "./dynamodb/store";
import type { Outcome } from "./gateway/outcome";
import { routeLine } from "./gateway/route";
import { createApiServer } from "./gateway/server";
import { coalesce } from "./kit/coalesce";
import { bindNext, closeServer, isPortTaken, listen } from "./kit/http";
import { type Scope, startInScope } from "./kit/scope";
import type { BuildNews } from "./lambda/service";
import { watchSources } from "./lambda/watch";
import { openLogGroups } from "./logs/groups";
import { openLogs } from "./logs/service";
import { claimStageFolder } from "./stage-lock";

export interface OfflineOptions extends OfflineApp {
  /** Folder with `infra/graph/<stage>.json`. */
  project: string;
  stage: string;
  /** 0: any free port. */
  port: number;
  /** Port of the app's site. Default: the site chooses; a free port if `port` is 0. */
  sitePort?: number;
  /** Limits the execution environments of each function. */
  maxEnvironments?: number;
  /** Cancels the start, which then throws the signal's reason. */
  signal?: AbortSignal;
}

/** Receives what happens while offline runs. */
export interface OfflineNews extends BuildNews {
  handled(outcome: Outcome): void;
}

export interface Offline {
  /** Returns the deployment that is served now. */
  running(): Running;
  /** Returns the URL before a route's path, such as `http://127.0.0.1:3000/dev`. */
  url(): string;
  /** URL of the AWS services and user pools, such as `http://127.0.0.1:3001`. */
  endpointUrl: string;
  /** The app's site, such as `http://localhost:5173`. */
  site: { label: string; url: string } | undefined;
  outputsFile: string;
  /** Lets requests in flight finish, then closes everything. */
  stop(): Promise<void>;
}

/** The time that a stop gives to running requests. API Gateway waits as long for a function. */
const STOP_GRACE_MS = 30_000;

/**
 * Serves the deployment graph of a stage on this machine, on the loopback interface only. If the
 * start fails, it stops everything that was started.
 *
 * @throws UsageError for a stage without a graph, a port that is in use, or a folder that another
 *   process serves
 * @throws Error for a graph that cannot be served
 */
export async function startOffline(options: OfflineOptions, news: OfflineNews): Promise<Offline> {
  return await startInScope((scope) => start(options, news, scope));
}

async function start(options: OfflineOptions, news: OfflineNews, scope: Scope): Promise<Offline> {
  const { project, stage, port, site, sitePort, maxEnvironments, signal } = options;
  const onError = ({ message }: Error) => news.notice(`Internal error in offline: ${message}`);
  const stageGraph = openStageGraph(project, stage);
  await renewWhileStale(stageGraph, news.notice, signal);
  signal?.throwIfAborted();
  const loaded = stampsOf([stageGraph.file]);
  let graph = stageGraph.load();
  const folder = path.join(project, ".offline", stage);

  // A deployment contains addresses, so the ports must be known before it is read.
  let current: Running | undefined;
  let background: Background | undefined;
  const running = () => {
    if (current === undefined) throw new Error("a request came before offline was ready: try again");
    return current;
  };
  const endpoint = createEndpointServer(() => current, onError);
  const endpointPort = await bindNext(port === 0 ? 0 : port + 1, (next) => listen(endpoint, next));
  scope.defer(() => closeServer(endpoint));
  const apiServer = createApiServer({
    handle: (request) => current?.handle(request),
    onHandled: news.handled,
    onError,
  });
  const apiPort = await listen(apiServer.server, port).catch((error: unknown) => {
    if (isPortTaken(error))
      throw new UsageError(`port ${port} is in use, or this user may not open it: choose another one with --port`);
    throw error;
  });
  scope.defer(apiServer.drain);
  const origin = `http://127.0.0.1:${apiPort}`;
  const endpointUrl = `http://127.0.0.1:${endpointPort}`;
  const url = () => `${origin}${running().deployment.api.basePath}`;

  scope.defer(await claimStageFolder(folder, endpointPort));
  // CORS and the sign-in must allow the port on which the site really listens.
  const runningSite = await site?.start({
    project,
    folder,
    deployment: () => running().deployment,
    url,
    endpointUrl,
    port: sitePort ?? (port === 0 ? 0 : undefined),
    usualPort: site.port,
    notice: news.notice,
  });
  if (runningSite !== undefined) scope.defer(runningSite.close);
  const siteOrigin = site && runningSite && { output: site.output, origin: runningSite.url };
  const read = (declared: Graph) => readDeployment(declared, { origin, endpointUrl, site: siteOrigin }, options);
  const deployment = read(graph);

  const logs = openLogs(path.join(folder, "logs"), news.notice);
  scope.defer(logs.close);
  const tables = openTables(path.join(folder, "dynamodb"), graph.region, news.notice);
  scope.defer(tables.close);
  const services = {
    project,
    folder,
    endpointUrl,
    logs,
    logGroups: openLogGroups(logs.folder, news.notice),
    tables,
    principals: new Map(),
    reservedConcurrency: new Map(),
    maxEnvironments,
    news,
  };

  const retiring = new Set<Running>();
  scope.defer(async () => {
    try {
      await background?.stop();
    } finally {
      await Promise.all([current?.stop(STOP_GRACE_MS), ...[...retiring].map((one) => one.stop(STOP_GRACE_MS))]);
    }
  });
  scope.defer(apiServer.drain); // requests in flight need the functions
  current = await startDeployment(deployment, services);
  background = current.startBackground();
  const { file = "", repaired = 0 } = current.accessLog ?? {};
  if (repaired > 0) news.notice(`Removed an unfinished last line (${repaired} bytes) from ${file}.`);

  const outputsFile = path.join(folder, "outputs.json");
  writeOutputs();

  const graphFile = path.relative(project, stageGraph.file);
  const reloads = coalesce(reload, ({ message }) => news.notice(`${message}\nStill serving the previous graph.`));
  const graphWatch = watchSources(reloads.request, news.notice);
  graphWatch.watch([stageGraph.file]);
  if (!areFresh(loaded)) reloads.request(); // the graph has changed during the start
  const stopping = new AbortController();
  const renewals = coalesce(renew, onError);
  const sourceWatch = watchSources(renewals.request, news.notice);
  sourceWatch.watch(stageGraph.sources().files);
  scope.defer(async () => {
    stopping.abort();
    graphWatch.close();
    sourceWatch.close();
    await Promise.all([reloads.close(), renewals.close()]);
  });

  const served = site && runningSite && { label: site.label, url: runningSite.url };
  return { running, url, endpointUrl, site: served, outputsFile, stop: scope.close };

  /** Starts the new graph, routes requests to it, then stops the previous one. */
  async function reload(): Promise<void> {
    graphWatch.watch([stageGraph.file]);
    const [previous, previousUrl] = [running(), url()];
    const [graphBefore, graphNow] = [graph, stageGraph.load()];
    current = await startDeployment(read(graphNow), services);
    graph = graphNow;
    const summary = summarize(changesBetween(graphBefore, graphNow));
    news.notice([`Reloaded ${graphFile}: ${summary}`, ...changedRoutes(previous, previousUrl)].join("\n"));
    retire(previous);
    try {
      await background?.stop(); // two at once would both write the same progress files
      background = current.startBackground();
      writeOutputs();
    } catch (error) {
      onError(error as Error); // requests are already served from the new graph
    }
  }

  /** Returns a line for each route that a reload has added or removed. */
  function changedRoutes(previous: Running, previousUrl: string): string[] {
    const now = running().deployment.api.routes.map(({ routeKey }) => routeLine(routeKey, url()));
    const before = previous.deployment.api.routes.map(({ routeKey }) => routeLine(routeKey, previousUrl));
    const added = now.filter((line) => !before.includes(line)).map((line) => `  + ${line}`);
    return [...added, ...before.filter((line) => !now.includes(line)).map((line) => `  - ${line}`)];
  }

  /** Lets functions of the previous graph finish. Stopping offline shortens their time. */
  function retire(previous: Running): void {
    retiring.add(previous);
    previous
      .stop()
      .catch(onError)
      .finally(() => retiring.delete(previous));
  }

  async function renew(): Promise<void> {
    await renewWhileStale(stageGraph, news.notice, stopping.signal);
    sourceWatch.watch(stageGraph.sources().files);
  }

  /**
   * Writes the stage's outputs, as SST does to `.sst/outputs.json`, and the local addresses and
   * files.
   */
  function writeOutputs(): void {
    const { deployment, accessLog } = running();
    const local = {
      awsEndpointUrl: endpointUrl,
      ...(site && runningSite && { [site.output]: runningSite.url }),
      accessLogFile: accessLog?.file,
    };
    try {
      replaceFile(outputsFile, `${JSON.stringify({ ...deployment.graph.outputs, ...local }, null, 2)}\n`);
    } catch (error) {
      throw new Error(`${outputsFile} cannot be written: ${(error as Error).message}`, { cause: error });
    }
  }
}
