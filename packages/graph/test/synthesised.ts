import path from "node:path";
import { fileURLToPath } from "node:url";

import { cached } from "@secure-backend/testing/cached";

import type { Graph } from "../src/graph";
import { openSynthesiser } from "../src/synth/synth";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");
export const PROJECTS = path.join(REPOSITORY, "packages/testing/projects");
const PLATFORM = path.join(REPOSITORY, ".sst/platform");

/** The graph of a stage of a project in `PROJECTS`. */
export function synthesisedFixture(name: string, stage = "dev"): Promise<Graph> {
  return synthesised(path.join(PROJECTS, name), stage);
}

/**
 * The graph of a stage of a project, synthesised once for each version of the project, of what it imports, of the
 * synthesiser and of SST. Throws the Error of a project that cannot be synthesised.
 */
export async function synthesised(project: string, stage = "dev"): Promise<Graph> {
  const inputs = [stage, project, path.join(REPOSITORY, "packages/graph/src"), path.join(PLATFORM, "package.json")];
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

/** False for what the machine did: a process that could not be started, or was killed and said nothing. */
function isFaultOfProject(error: Error): boolean {
  return !("code" in error) && !error.message.endsWith("cannot be evaluated:\n");
}
