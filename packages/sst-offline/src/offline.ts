import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";
import { areFresh, stampsOf } from "@backend/launch/stamps";
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
  /** Port of the app's site. Default: the site's own choice; a free port if `port` is 0. */
  sitePort?: number;
  /** Execution environments of one function at most. */
  maxEnvironments?: number;
  /** Ends the start, which then throws the signal's reason. */
  signal?: AbortSignal;
}

/** What the terminal shows while offline runs. */
export interface OfflineNews extends BuildNews {
  handled(outcome: Outcome): void;
}

export interface Offline {
  /** What is served now. */
  running(): Running;
  /** The address before a route's path, such as `http://127.0.0.1:3000/dev`. */
  url(): string;
  /** Of AWS's services and the user pools, such as `http://127.0.0.1:3001`. */
  endpointUrl: string;
  /** The app's site, such as `http://localhost:5173`. */
  site: { label: string; url: string } | undefined;
  outputsFile: string;
  /** Lets requests in flight finish, then closes everything. */
  stop(): Promise<void>;
}

/** As long as API Gateway waits for a function. */
const STOP_GRACE_MS = 30_000;

/**
 * Serves the deployment graph of a stage on this machine, on the loopback interface only. If the
 * start fails, whatever was started is stopped.
 *
 * @throws UsageError for a stage without a graph, a port that is taken, a folder that another process
 *   serves; Error for a graph that cannot be served
 */
export async function startOffline(options: OfflineOptions, news: OfflineNews): Promise<Offline> {
  return await startInScope((scope) => start(options, news, scope));
}

async function start(options: OfflineOptions, news: OfflineNews, scope: Scope): Promise<Offline> {
  const { project, stage, port, site, sitePort, runtimeGroups, maxEnvironments, signal } = options;
  const onError = ({ message }: Error) => news.notice(`Internal error in offline: ${message}`);
  const stageGraph = openStageGraph(project, stage);
  await renewWhileStale(stageGraph, news.notice, signal);
  signal?.throwIfAborted();
  const loaded = stampsOf([stageGraph.file]);
  const graph = stageGraph.load();
  const folder = path.join(project, ".offline", stage);

  // Addresses are part of a deployment, so the ports are taken before it is read.
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
      throw new UsageError(`port ${port} is taken, or not allowed for this user: choose another one with --port`);
    throw error;
  });
  scope.defer(apiServer.drain);
  const origin = `http://127.0.0.1:${apiPort}`;
  const endpointUrl = `http://127.0.0.1:${endpointPort}`;
  const siteOrigin = site && { output: site.output, origin: `http://localhost:${sitePort || site.port}` };
  const read = (declared: Graph) => readDeployment(declared, { origin, endpointUrl, site: siteOrigin }, runtimeGroups);
  const deployment = read(graph);

  scope.defer(await claimStageFolder(folder, endpointPort));
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
  if (repaired > 0) news.notice(`Cut an unfinished last line of ${repaired} bytes off ${file}.`);

  const url = () => `${origin}${running().deployment.api.basePath}`;
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
  const outputsFile = path.join(folder, "outputs.json");
  writeOutputs();

  const graphFile = path.relative(project, stageGraph.file);
  const reloads = coalesce(reload, ({ message }) => news.notice(`${message}\nStill serving the graph as it was.`));
  const graphWatch = watchSources(reloads.request, news.notice);
  graphWatch.watch([stageGraph.file]);
  if (!areFresh(loaded)) reloads.request(); // it has changed during the start
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

  /** Reads the graph, starts what it declares, swaps, and stops what was served before. */
  async function reload(): Promise<void> {
    graphWatch.watch([stageGraph.file]);
    const [previous, previousUrl] = [running(), url()];
    current = await startDeployment(read(stageGraph.load()), services);
    news.notice([`Serving ${graphFile} as it is now.`, ...changedRoutes(previous, previousUrl)].join("\n"));
    retire(previous);
    try {
      await background?.stop(); // two at once would both write how far they have come
      background = current.startBackground();
      writeOutputs();
    } catch (error) {
      onError(error as Error); // the new graph is served all the same
    }
  }

  /** Lists the routes that a reload has added or removed. */
  function changedRoutes(previous: Running, previousUrl: string): string[] {
    const now = running().deployment.api.routes.map(({ routeKey }) => routeLine(routeKey, url()));
    const before = previous.deployment.api.routes.map(({ routeKey }) => routeLine(routeKey, previousUrl));
    const added = now.filter((line) => !before.includes(line)).map((line) => `  + ${line}`);
    return [...added, ...before.filter((line) => !now.includes(line)).map((line) => `  - ${line}`)];
  }

  /** Lets functions of the earlier graph finish; a stop of offline shortens their time. */
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

  /** Writes what a deployment outputs, as SST does to `.sst/outputs.json`, and where things are on this machine. */
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
