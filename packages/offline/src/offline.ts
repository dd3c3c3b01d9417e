import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { createBackend, type GraphBackend } from "./backend";
import type { Handled } from "./gateway/handle";
import { createApiServer } from "./gateway/server";
import type { BuildNews } from "./lambda/service";
import { watchSources } from "./lambda/watch";
import { openLogs } from "./logs/service";
import { writeOutputs } from "./outputs-file";
import { openStageGraph, type StageGraph } from "./stage-graph";
import { UsageError } from "./usage-error";

export interface OfflineOptions {
  /** Folder with `infra/graph/<stage>.json`. */
  project: string;
  stage: string;
  /** 0: a free one. */
  port: number;
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
  outputsFile: string;
  /** Lets requests in flight come to their end, then closes everything. */
  stop(): Promise<void>;
}

/**
 * Serves the deployment graph of a stage on this machine, on the loopback interface alone.
 *
 * @throws UsageError for a stage without a graph and for a port that is taken, an Error for a graph that cannot be served
 */
export async function startOffline({ project, stage, port }: OfflineOptions, news: OfflineNews): Promise<Offline> {
  const stageGraph = openStageGraph(project, stage);
  await renewWhileStale(stageGraph, news);
  const graph = stageGraph.load();
  const { server, drain } = createApiServer(() => current, news.handled);
  const origin = await listen(server, port);
  const folder = path.join(project, ".offline", stage);
  const logs = openLogs(path.join(folder, "logs"));
  const places = { project, functions: path.join(folder, "functions"), logs, origin };
  let current = firstBackend();
  const outputsFile = writeOutputs(folder, current);
  const { file: accessLogFile, repaired = 0 } = current.accessLog?.writer ?? {};
  if (repaired > 0) news.notice(`cut an unfinished last line of ${repaired} bytes off ${accessLogFile}`);

  const retired: Promise<void>[] = [];
  const graphWatch = watchSources(reload);
  graphWatch.watch([stageGraph.file]);
  const sourceWatch = watchSources(() => void renew());
  sourceWatch.watch(stageGraph.sources().files);

  return { backend: () => current, url: () => `${origin}${prefixOf(current.api.stage)}`, outputsFile, stop };

  function firstBackend(): GraphBackend {
    try {
      return createBackend(graph, places, news);
    } catch (error) {
      server.close(); // the address is part of what a backend is made of, so the port is taken by now
      throw error;
    }
  }

  function reload(): void {
    graphWatch.watch([stageGraph.file]);
    try {
      const next = createBackend(stageGraph.load(), places, news);
      retired.push(current.stop());
      current = next;
      writeOutputs(folder, current);
      news.notice(`serving ${path.relative(project, stageGraph.file)} as it is now`);
    } catch (error) {
      news.notice(`${(error as Error).message}\nGoing on with the graph as it was.`);
    }
  }

  async function renew(): Promise<void> {
    await renewWhileStale(stageGraph, news);
    sourceWatch.watch(stageGraph.sources().files);
  }

  async function stop(): Promise<void> {
    graphWatch.close();
    sourceWatch.close();
    await drain();
    await Promise.all([current.stop(), ...retired]);
    logs.close();
  }
}

/** Synthesises again as long as sources change; says so where that is not possible, and goes on. */
async function renewWhileStale(stageGraph: StageGraph, news: OfflineNews): Promise<void> {
  for (;;) {
    const { changed } = stageGraph.sources();
    if (changed.length === 0) return;
    const names = changed.map((file) => path.relative(process.cwd(), file)).join(", ");
    const what = `${path.relative(process.cwd(), stageGraph.file)} is stale: changed since it was made: ${names}`;
    if (!stageGraph.canRenew()) {
      news.notice(
        `${what}\nGoing on with it as it is. "pnpm synth" renews it, and installs what it takes (320 MB, once).`,
      );
      return;
    }
    news.notice(`${what}\nSynthesising it again ...`);
    try {
      await stageGraph.renew();
    } catch (error) {
      news.notice(`${(error as Error).message}\nGoing on with the graph as it was.`);
      return;
    }
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
