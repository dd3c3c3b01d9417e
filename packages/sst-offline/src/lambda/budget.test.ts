import { statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { loadGraph } from "@backend/sst-graph/load";
import { resolve } from "@backend/sst-graph/resolve";
import { expect, it } from "vitest";

import { createBundler } from "./bundle";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const graph = resolve(loadGraph(path.join(repository, "infra/graph/dev.json")));

const CACHE = path.join(repository, "node_modules/.cache/tests/budgets");

/** KB that SST would upload. The size of a bundle decides the cold start (docs/benchmarks.md). */
const BUDGET: Record<string, number> = { SecureBackendFunction: 110 };
const OTHERS = 430;

it.each(graph.functions.map((build) => [build.name, build] as const))(
  "%s keeps within its budget",
  async (name, build) => {
    const bundler = createBundler(repository, build, path.join(CACHE, name));
    try {
      const { file } = bundler.cached() ?? (await bundler.build());
      expect(statSync(file).size / 1024).toBeLessThanOrEqual(BUDGET[name] ?? OTHERS);
    } finally {
      await bundler.close();
    }
  },
);
