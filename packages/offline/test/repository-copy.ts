import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@secure-backend/graph/graph";
import { loadGraph } from "@secure-backend/graph/load";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");

/** A project that serves this repository's functions with a stage's graph, changed a little, and keeps its data apart. */
export function repositoryCopy(
  change: (graph: Graph) => void = () => {},
  stage = "dev",
): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "copy-"));
  const graph = loadGraph(path.join(REPOSITORY, "infra/graph", `${stage}.json`));
  change(graph);
  mkdirSync(path.join(folder, "infra/graph"), { recursive: true });
  writeFileSync(path.join(folder, "infra/graph", `${stage}.json`), JSON.stringify(graph));
  symlinkSync(path.join(REPOSITORY, "packages"), path.join(folder, "packages"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Limits that a load test does not reach. There is no switch that turns the throttle off. */
export function withoutLimits({ resources }: Graph): void {
  for (const { type, inputs } of resources) {
    if (type !== "aws:apigatewayv2/stage:Stage") continue;
    inputs.defaultRouteSettings = { throttlingRateLimit: 1_000_000, throttlingBurstLimit: 1_000_000 };
  }
}
