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

/**
 * Bundles of functions and builds of the console that copies have made: the next copy takes those
 * that are still right.
 */
const BUILDS = path.join(REPOSITORY, "node_modules/.cache/tests/builds");
const BUILD_FOLDERS = ["functions", "console"];

/**
 * A project that serves this repository's functions with a stage's graph, changed a little, and
 * keeps its data apart.
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
  copyBuilds(BUILDS, data);
  return {
    folder,
    remove() {
      copyBuilds(data, BUILDS);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Copies the builds that are not there yet, each as a whole: another process may do the same. */
function copyBuilds(from: string, to: string): void {
  for (const kind of BUILD_FOLDERS) {
    for (const name of existsSync(path.join(from, kind)) ? readdirSync(path.join(from, kind)) : []) {
      const [source, target] = [path.join(from, kind, name), path.join(to, kind, name)];
      const draft = `${target}.${process.pid}`;
      try {
        cpSync(source, draft, { recursive: true, preserveTimestamps: true });
        rmSync(target, { recursive: true, force: true });
        renameSync(draft, target);
      } catch {
        rmSync(draft, { recursive: true, force: true }); // it is only built again
      }
    }
  }
}

/** Limits that a load test does not reach. There is no switch that turns the throttle off. */
export function withoutLimits({ resources }: Graph): void {
  for (const { type, inputs } of resources) {
    if (type !== "aws:apigatewayv2/stage:Stage") continue;
    inputs.defaultRouteSettings = { throttlingRateLimit: 1_000_000, throttlingBurstLimit: 1_000_000 };
  }
}
