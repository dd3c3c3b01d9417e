import { randomBytes } from "node:crypto";
import path from "node:path";

import type { ResolvedGraph, ResolvedResource } from "@secure-backend/graph/resolve";

import { objectOf } from "../gateway/settings";
import type { LogService } from "../logs/service";
import { type Bundle, BundleError, createBundler, exportOf } from "./bundle";
import { createFunction, type LambdaFunction } from "./function";
import type { FunctionConfig } from "./function-config";
import { watchSources } from "./watch";

export interface LambdaService {
  /** By ARN. */
  functions: ReadonlyMap<string, LambdaFunction>;
  stop(): Promise<void>;
}

/** What the person at the terminal is told about the building of functions. */
export interface BuildNews {
  built(name: string, milliseconds: number): void;
  failed(name: string, message: string): void;
}

/**
 * The graph's functions: each is bundled when the service starts, unless it has been and nothing has changed, and again when
 * its sources change.
 *
 * @param awsOf environment variables with which a function of that name finds AWS
 */
export function startLambda(
  graph: ResolvedGraph,
  project: string,
  folder: string,
  logs: LogService,
  awsOf: (functionName: string) => Record<string, string>,
  news: BuildNews,
): LambdaService {
  const started = graph.functions.map((build) => {
    const resource = graph.resources.find(({ urn }) => urn === build.urn);
    if (resource === undefined) throw new Error(`function "${build.name}": the graph holds no ${build.urn}`);
    return startFunction(configOf(resource, build.handler, graph.region, awsOf), build, project, folder, logs, news);
  });
  return {
    functions: new Map(started.map(({ lambda }) => [lambda.config.arn, lambda])),
    stop: async () => {
      await Promise.all(started.map(({ stop }) => stop()));
    },
  };
}

function startFunction(
  config: FunctionConfig,
  build: ResolvedGraph["functions"][number],
  project: string,
  folder: string,
  logs: LogService,
  news: BuildNews,
) {
  const bundler = createBundler(project, build, path.join(folder, build.name));
  const sources = watchSources(() => void rebuild());
  const lambda = createFunction(
    config,
    () => logs.createStream(config.logGroup, streamName()),
    () => void rebuild(),
  );
  let building: Promise<void> | undefined;
  let again = false;

  const cached = bundler.cached();
  if (cached === undefined) void rebuild();
  else use(cached);

  return {
    lambda,
    async stop() {
      sources.close();
      await building;
      await Promise.all([bundler.close(), lambda.stop()]);
    },
  };

  /** One build at a time; a change during a build is followed by another. */
  async function rebuild(): Promise<void> {
    if (building !== undefined) {
      again = true;
      return;
    }
    building = buildOnce();
    await building;
    building = undefined;
    if (!again) return;
    again = false;
    await rebuild();
  }

  /** Never rejects. */
  async function buildOnce(): Promise<void> {
    const start = performance.now();
    try {
      use(await bundler.build());
      news.built(build.name, performance.now() - start);
    } catch (error) {
      const { message } = error as Error;
      news.failed(build.name, message);
      lambda.failBundle(message);
      sources.watchFolders(error instanceof BundleError ? error.files : []);
    }
  }

  function use({ file, inputs }: Bundle): void {
    lambda.replaceBundle(file);
    sources.watch(inputs);
  }
}

/** Lambda names a stream after the day and the version, and makes the rest up. */
function streamName(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
}

function configOf(
  resource: ResolvedResource,
  handler: string,
  region: string,
  awsOf: (functionName: string) => Record<string, string>,
): FunctionConfig {
  const { inputs, outputs } = resource;
  const logging = objectOf(inputs.loggingConfig);
  const variables = objectOf(objectOf(inputs.environment).variables);
  const name = String(inputs.name);
  return {
    name,
    arn: outputs.arn ?? "",
    exportName: exportOf(handler),
    timeoutMs: Number(inputs.timeout ?? 3) * 1000, // AWS's default: 3 seconds
    memorySizeMb: Number(inputs.memorySize ?? 128),
    logFormat: logging.logFormat === "JSON" ? "JSON" : "Text",
    logGroup: String(logging.logGroup ?? `/aws/lambda/${name}`),
    runtime: String(inputs.runtime ?? ""),
    region,
    variables: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
    aws: awsOf(name),
  };
}
