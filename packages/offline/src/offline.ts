import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { openStageGraph, renewWhileStale } from "@secure-backend/graph/stage-graph";
import { UsageError } from "@secure-backend/graph/usage-error";

import { createEndpointServer } from "./aws/endpoint";
import { createBackend, type GraphBackend } from "./backend";
import { startConsole, USUAL_PORT } from "./console/server";
import { openTables } from "./dynamodb/store";
import type { Handled } from "./gateway/handle";
import { createApiServer } from "./gateway/server";
import type { BuildNews } from "./lambda/service";
import { watchSources } from "./lambda/watch";
import { openLogGroups } from "./logs/groups";
import { openLogs } from "./logs/service";
import { writeOutputs } from "./outputs-file";

export interface OfflineOptions {
  /** Folder with `infra/graph/<stage>.json`. */
  project: string;
  stage: string;
  /** 0: a free one. */
  port: number;
  /** Of the console; by default the one that the API's CORS names, or a free one where the API's is. */
  consolePort?: number;
}

/** What the person at the terminal is told while it runs. */
export interface OfflineNews extends BuildNews {
  handled(handled: Handled): void;
  notice(text: string): void;
}

export interface Offline {
  /** What serves now. */
  backend(): GraphBackend;
  /** With the stage: `http://127.0.0.1:3000/dev`. */
  url(): string;
  /** Where AWS's services and the user pools are: `http://127.0.0.1:3001`. */
  endpointUrl: string;
  /** `http://localhost:5173` */
  consoleUrl: string;
  outputsFile: string;
  /** Lets requests in flight come to their end, then closes everything. */
  stop(): Promise<void>;
}

/**
 * Serves the deployment graph of a stage on this machine, on the loopback interface alone.
 *
 * @throws UsageError for a stage without a graph and for a port that is taken, an Error for a graph that cannot be served
 */
export async function startOffline(options: OfflineOptions, news: OfflineNews): Promise<Offline> {
  const { project, stage, port } = options;
  const stageGraph = openStageGraph(project, stage);
  await renewWhileStale(stageGraph, news.notice);
  const graph = stageGraph.load();
  let current: GraphBackend | undefined;
  const { server, drain } = createApiServer(serving, news.handled);
  const endpoint = createEndpointServer(() => current?.aws);
  const endpointUrl = await listenNext(endpoint, port);
  const origin = await listen(server, port).catch((error) => {
    endpoint.close();
    throw error;
  });
  const folder = path.join(project, ".offline", stage);
  const logs = openLogs(path.join(folder, "logs"));
  const tables = openTables(path.join(folder, "dynamodb"), graph.region, news.notice);
  const functions = path.join(folder, "functions");
  const logGroups = openLogGroups(logs.folder);
  const consoleOrigin = `http://localhost:${options.consolePort || USUAL_PORT}`;
  const kept = { project, folder, functions, logs, logGroups, tables };
  const places = { ...kept, origin, endpointUrl, consoleOrigin, principals: new Map() };
  current = firstBackend();
  const url = () => `${origin}${prefixOf(serving().api.stage)}`;
  const consolePort = options.consolePort ?? (port === 0 ? 0 : undefined);
  const site = await startConsole({
    folder,
    backend: serving,
    url,
    endpointUrl,
    port: consolePort,
    notice: news.notice,
  });
  const outputsFile = writeOutputs(folder, current, endpointUrl, site.url);
  const { file: accessLogFile, repaired = 0 } = current.accessLog?.writer ?? {};
  if (repaired > 0) news.notice(`cut an unfinished last line of ${repaired} bytes off ${accessLogFile}`);

  const retired: Promise<void>[] = [];
  const graphWatch = watchSources(reload);
  graphWatch.watch([stageGraph.file]);
  const sourceWatch = watchSources(() => void renew());
  sourceWatch.watch(stageGraph.sources().files);

  return { backend: serving, url, endpointUrl, consoleUrl: site.url, outputsFile, stop };

  function serving(): GraphBackend {
    if (current === undefined) throw new Error("a request came before there was anything to serve");
    return current;
  }

  function firstBackend(): GraphBackend {
    try {
      return createBackend(graph, places, news);
    } catch (error) {
      server.close(); // the addresses are part of what a backend is made of, so the ports are taken by now
      endpoint.close();
      throw error;
    }
  }

  function reload(): void {
    graphWatch.watch([stageGraph.file]);
    try {
      const next = createBackend(stageGraph.load(), places, news);
      retired.push(serving().stop());
      current = next;
      writeOutputs(folder, next, endpointUrl, site.url);
      news.notice(`serving ${path.relative(project, stageGraph.file)} as it is now`);
    } catch (error) {
      news.notice(`${(error as Error).message}\nGoing on with the graph as it was.`);
    }
  }

  async function renew(): Promise<void> {
    await renewWhileStale(stageGraph, news.notice);
    sourceWatch.watch(stageGraph.sources().files);
  }

  async function stop(): Promise<void> {
    graphWatch.close();
    sourceWatch.close();
    site.close();
    await drain();
    await Promise.all([serving().stop(), ...retired]);
    endpoint.close();
    endpoint.closeAllConnections();
    await tables.close();
    logs.close();
  }
}

function prefixOf(stage: string): string {
  return stage === "$default" ? "" : `/${stage}`;
}

/** @returns the origin, such as `http://127.0.0.1:3000` */
function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(new UsageError(`port ${port} is taken: choose another one with --port`));
      else if (error.code === "EACCES")
        reject(new UsageError(`port ${port} may not be used: choose another one with --port`));
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

/** On the next free port, or on any where the API took any. */
async function listenNext(server: Server, port: number): Promise<string> {
  for (let next = port + 1; port !== 0 && next <= Math.min(port + 20, 65_535); next++) {
    try {
      return await listen(server, next);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return await listen(server, 0);
}
