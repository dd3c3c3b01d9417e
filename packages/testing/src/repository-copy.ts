import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");

/** Builds of the console and bundles of functions, which all copies share. */
const BUILDS = path.join(REPOSITORY, "node_modules/.cache/tests/builds");

/**
 * Creates a project that serves this repository's functions with a changed copy of a stage's graph,
 * and with its own data.
 */
export function repositoryCopy(
  change: (graph: Graph) => void = () => {},
  stage = "dev",
): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "copy-"));
  const graph = loadGraph(path.join(REPOSITORY, "infra/graph", `${stage}.json`));
  change(graph);
  mkdirSync(path.join(folder, "infra/graph"), { recursive: true });
  mkdirSync(path.join(folder, "infra/tools"));
  const promises = JSON.stringify(path.join(REPOSITORY, "infra/tools/policy"));
  writeFileSync(path.join(folder, "infra/tools/policy.ts"), `export { PROMISES } from ${promises};`);
  writeFileSync(path.join(folder, "infra/graph", `${stage}.json`), JSON.stringify(graph));
  symlinkSync(path.join(REPOSITORY, "packages"), path.join(folder, "packages"));
  const data = path.join(folder, ".offline", stage);
  copyBundles(BUILDS, data);
  mkdirSync(path.join(BUILDS, "console"), { recursive: true });
  symlinkSync(path.join(BUILDS, "console"), path.join(data, "console"));
  return {
    folder,
    remove() {
      copyBundles(data, BUILDS);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Copies each function's folder of bundles. Another process may replace it at the same time.
 * Offline checks the bundle's digest and rebuilds an incomplete one.
 */
function copyBundles(from: string, to: string): void {
  const source = path.join(from, "functions");
  const target = path.join(to, "functions");
  mkdirSync(target, { recursive: true });
  for (const name of existsSync(source) ? readdirSync(source) : []) {
    const draft = path.join(to, `${name}.${process.pid}.draft`);
    try {
      cpSync(path.join(source, name), draft, { recursive: true, preserveTimestamps: true });
      rmSync(path.join(target, name), { recursive: true, force: true });
      renameSync(draft, path.join(target, name));
    } catch {
      rmSync(draft, { recursive: true, force: true });
    }
  }
}

/** Sets limits that a load test does not reach. Throttling cannot be turned off. */
export function withoutLimits({ resources }: Graph): void {
  for (const { type, inputs } of resources) {
    if (type !== "aws:apigatewayv2/stage:Stage") continue;
    inputs.defaultRouteSettings = { throttlingRateLimit: 1_000_000, throttlingBurstLimit: 1_000_000 };
  }
}
