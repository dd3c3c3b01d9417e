import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@backend/sst-graph/graph";
import { openSynthesiser, type Synthesiser } from "@backend/sst-graph/synth/synth";

import { cached } from "./cached";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");
export const PROJECTS = path.join(REPOSITORY, "packages/testing/projects");
const PLATFORM = path.join(REPOSITORY, ".sst/platform");
const SOURCES = path.join(REPOSITORY, "packages/sst-graph/src");
/** The source files of the synthesiser, and SST's version. */
const SYNTHESISER = [
  path.join(SOURCES, "synth"),
  ...readdirSync(SOURCES)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => path.join(SOURCES, name)),
  path.join(PLATFORM, "package.json"),
];

/** Returns the graph of a stage of a project in `PROJECTS`. */
export function synthesisedFixture(name: string, stage = "dev"): Promise<Graph> {
  return synthesised(path.join(PROJECTS, name), stage);
}

/**
 * Returns the graph of a stage of a project. Caches it until the project, its imports, the
 * synthesiser or SST changes. Throws the Error of a project that cannot be synthesised, which is
 * cached too.
 */
export async function synthesised(project: string, stage = "dev"): Promise<Graph> {
  const inputs = [stage, project, ...SYNTHESISER];
  const outcome = await cached<Graph | { error: string }>("graph", inputs, async (addInput) => {
    const synthesiser = await openSynthesiser(project, PLATFORM);
    for (const file of synthesiser.sources) if (!file.startsWith(`${project}${path.sep}`)) addInput(file);
    try {
      return await synthesiser.synth(stage);
    } catch (error) {
      if (!isFaultOfProject(error as Error)) throw error;
      return { error: (error as Error).message };
    } finally {
      synthesiser.close();
    }
  });
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome;
}

/**
 * Returns the graph of a stage of this repository for `sst deploy` or `sst dev`. Caches it until
 * its sources change.
 */
export function synthesisedRepository(
  { sources, synth }: Synthesiser,
  stage: string,
  { dev = false } = {},
): Promise<Graph> {
  return cached("repository", [`${stage} ${dev ? "dev" : "deploy"}`, ...sources, ...SYNTHESISER], () =>
    synth(stage, { dev }),
  );
}

/**
 * False for faults of the machine: a process that could not start, or was killed without a message.
 */
function isFaultOfProject(error: Error): boolean {
  return !("code" in error) && !error.message.endsWith("cannot be evaluated:\n");
}
