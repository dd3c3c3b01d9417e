import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import type { RecordedBuild } from "./recording";

export interface BuildServer {
  url: string;
  builds: RecordedBuild[];
}

/**
 * Replaces the server of the SST CLI, which components ask to build functions. It records the
 * builds and returns bundles with fixed content, so that the source of a function does not change
 * the graph.
 */
export async function startBuildServer(work: string): Promise<BuildServer> {
  const builds: RecordedBuild[] = [];
  const server = createServer(async (request, response) => {
    const body = await readAll(request);
    response.setHeader("content-type", "application/json");
    response.setHeader("connection", "close");
    response.end(JSON.stringify(reply(body, work, builds)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, builds };
}

/** The parts of SST's build request that a graph needs. */
interface BuildRequest extends Pick<RecordedBuild, "functionID" | "handler" | "runtime" | "properties"> {
  links?: Record<string, unknown>;
  copyFiles?: unknown[];
  bundle?: string;
}

function reply(body: string, work: string, builds: RecordedBuild[]) {
  const { method, params } = JSON.parse(body) as { method: string; params: [BuildRequest] };
  switch (method) {
    case "Runtime.Build":
      builds.push(toRecordedBuild(params[0]));
      return { result: build(params[0], work), error: null };
    case "Runtime.AddTarget": // in `sst dev`: the function runs on the developer's machine
      builds.push(toRecordedBuild(params[0]));
      return { result: true, error: null };
    case "Provider.Aws.Bootstrap":
      return { result: BOOTSTRAP, error: null };
    case "Provider.Aws.Appsync":
      return { result: APPSYNC, error: null };
    default:
      return { result: null, error: `${method} is not supported during synthesis` };
  }
}

function toRecordedBuild(request: BuildRequest): RecordedBuild {
  const { functionID, handler, runtime, properties, links = {}, copyFiles = [], bundle = "" } = request;
  return {
    ...{ functionID, handler: path.posix.normalize(handler), runtime, properties },
    links: Object.keys(links).sort(),
    hasCopyFiles: copyFiles.length > 0,
    hasBundle: bundle !== "",
  };
}

/** SST's shared buckets per account and region. Real names end with a random suffix. */
const BOOTSTRAP = {
  asset: "sst-asset-000000000000",
  state: "sst-state-000000000000",
  assetEcrRegistryId: "000000000000",
  assetEcrUrl: "000000000000.dkr.ecr.region.amazonaws.com/sst-asset",
  appsyncHttp: "",
  appsyncRealtime: "",
};

/**
 * Hosts of the AppSync Event API that connects live functions with the CLI. Real hosts begin with a
 * random ID: https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-concepts.html
 */
const APPSYNC = {
  http: "00000000000000000000000000.appsync-api.region.amazonaws.com",
  realtime: "00000000000000000000000000.appsync-realtime-api.region.amazonaws.com",
};

function build({ functionID, properties }: BuildRequest, work: string) {
  const out = path.join(work, "artifacts", `${functionID}-src`);
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, "bundle.mjs"), "");
  // SST always builds source maps. It uploads them unless the function's bundle includes them.
  const sourcemap = path.join(out, "bundle.mjs.map");
  writeFileSync(sourcemap, "");
  return { handler: "bundle.handler", out, errors: [], sourcemaps: properties.sourcemap === true ? [] : [sourcemap] };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
