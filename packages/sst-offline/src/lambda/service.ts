import { randomBytes } from "node:crypto";
import os from "node:os";
import path from "node:path";

import { coalesce } from "../kit/coalesce";
import type { LogService } from "../logs/service";
import { type Bundle, BundleError, createBundler } from "./bundle";
import type { FunctionDeclaration } from "./declaration";
import { createFunction, type LambdaFunction, MAX_ENVIRONMENTS } from "./function";
import { watchSources } from "./watch";

export interface LambdaService {
  /** Functions by ARN. */
  functions: ReadonlyMap<string, LambdaFunction>;
  /** Resolve when the functions without an earlier bundle have been built, or have failed. */
  firstBuilds: readonly Promise<void>[];
  /**
   * Lets invocations finish, then removes the functions.
   *
   * @param graceMs time after which running invocations fail; default: each function's timeout
   */
  stop(graceMs?: number): Promise<void>;
}

/** Receives the results of builds. */
export interface BuildNews {
  built(name: string, milliseconds: number): void;
  failed(name: string, message: string): void;
  notice(text: string): void;
}

/** Reserved concurrency by function name; undefined: none. */
export type ReservedConcurrency = Map<string, number | undefined>;

export interface LambdaOptions {
  /** Folder with the sst.config.ts. Paths of handlers are relative to it. */
  project: string;
  /** Folder for the bundles. */
  folder: string;
  logs: LogService;
  /** Returns the environment variables with the AWS endpoint and the function's credentials. */
  awsVariablesOf(functionName: string): Record<string, string>;
  /**
   * Set while offline runs, by function name, instead of the declared limit; undefined: no limit.
   */
  reservedConcurrency: ReservedConcurrency;
  /** Limits the execution environments of each function. Short memory lowers the limit. */
  maxEnvironments?: number | undefined;
  news: BuildNews;
}

/**
 * Starts the functions of a graph. Bundles each one now, unless an earlier bundle is still current,
 * and again when its sources change. If one cannot be started, it stops the others.
 */
export function startLambda(declarations: FunctionDeclaration[], options: LambdaOptions): LambdaService {
  const started: ReturnType<typeof startFunction>[] = [];
  try {
    for (const declaration of declarations) started.push(startFunction(declaration, options));
  } catch (error) {
    stop(0).catch(() => {}); // the failure of the start is the one to report
    throw error;
  }
  return {
    functions: new Map(started.map(({ lambda }) => [lambda.config.arn, lambda])),
    firstBuilds: started.flatMap(({ firstBuild }) => firstBuild ?? []),
    stop,
  };

  async function stop(graceMs?: number): Promise<void> {
    const stopped = await Promise.allSettled(started.map((one) => one.stop(graceMs)));
    const failed = stopped.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}

function startFunction({ build, config }: FunctionDeclaration, options: LambdaOptions) {
  const { project, folder, logs, awsVariablesOf, reservedConcurrency, maxEnvironments, news } = options;
  const bundler = createBundler(project, build, path.join(folder, build.name));
  const builds = coalesce(buildOnce, ({ message }) => news.failed(build.name, message));
  const sources = watchSources(builds.request, news.notice);
  const lambda = createFunction(
    { ...config, aws: awsVariablesOf(config.name) },
    () => logs.createStream(config.logGroup, newStreamName()),
    builds.request,
    {
      maxEnvironments: limitByMemory(maxEnvironments ?? MAX_ENVIRONMENTS, config.memorySizeMb, os.totalmem()),
      onNotice: news.notice,
    },
  );

  if (reservedConcurrency.has(config.name)) lambda.reserveConcurrency(reservedConcurrency.get(config.name));
  const cached = bundler.cached();
  let endFirstBuild = () => {};
  const firstBuild = new Promise<void>((resolve) => {
    endFirstBuild = resolve;
  });
  if (cached === undefined) builds.request();
  else use(cached);

  return {
    lambda,
    firstBuild: cached === undefined ? firstBuild : undefined,
    async stop(graceMs?: number) {
      sources.close();
      await builds.close();
      await Promise.all([bundler.close(), lambda.stop(graceMs)]);
    },
  };

  async function buildOnce(): Promise<void> {
    const start = performance.now();
    try {
      use(await bundler.build());
      news.built(build.name, performance.now() - start);
    } catch (error) {
      const { message } = error as Error;
      news.failed(build.name, message);
      lambda.failBundle(message);
      sources.watchFolders(error instanceof BundleError ? error.files : [path.resolve(project, build.handler)]);
    } finally {
      endFirstBuild();
    }
  }

  function use({ file, inputs, isOutdated }: Bundle): void {
    lambda.replaceBundle(file);
    sources.watch(inputs);
    if (isOutdated) builds.request();
  }
}

/** Returns how many full environments fit into half of the memory, but at least one. */
export function limitByMemory(maxEnvironments: number, memorySizeMb: number, totalBytes: number): number {
  const fitting = Math.floor(totalBytes / 2 / (memorySizeMb * 1024 * 1024));
  return Math.max(1, Math.min(maxEnvironments, fitting));
}

/** Returns a stream name like Lambda's: day, version and random digits. */
function newStreamName(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
}
