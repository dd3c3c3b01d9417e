import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Graph } from "./graph";
import { loadGraph } from "./load";
import { isPlatformInstalled } from "./platform";
import { sourcesOf } from "./sources";
import { UsageError } from "./usage-error";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");

/** The deployment graph of one stage of a project, as `pnpm synth` left it, and the way to renew it. */
export interface StageGraph {
  file: string;
  load(): Graph;
  /** The files it was made from; `changed` are those that differ since. */
  sources(): { files: string[]; changed: string[] };
  /** Whether SST's platform is installed, without which `renew` cannot work. */
  canRenew(): boolean;
  /** Synthesises the stage again. Throws an Error with what is wrong in sst.config.ts. */
  renew(): Promise<void>;
}

/** Throws a UsageError that names what there is, where the project or the stage's graph is not found. */
export function openStageGraph(project: string, stage: string): StageGraph {
  if (!existsSync(project)) throw new UsageError(`--project ${project}: there is no such folder`);
  const file = path.join(project, "infra/graph", `${stage}.json`);
  if (!existsSync(file)) throw new UsageError(missing(project, stage, file));
  return {
    file,
    load: () => loadGraph(file),
    sources: () => sourcesOf(project, stage),
    canRenew: () => isPlatformInstalled(REPOSITORY),
    async renew() {
      const [launch, entry] = ["packages/launch/launch.mjs", "packages/graph/src/main.ts"];
      const args = [
        path.join(REPOSITORY, launch),
        path.join(REPOSITORY, entry),
        "--stage",
        stage,
        "--project",
        project,
      ];
      await promisify(execFile)(process.execPath, args, { cwd: REPOSITORY }).catch((error: { stderr?: string }) => {
        throw new Error(error.stderr?.trim() || String(error));
      });
    },
  };
}

/** Synthesises again as long as sources change; says so where that is not possible, and goes on. */
export async function renewWhileStale(stageGraph: StageGraph, say: (text: string) => void): Promise<void> {
  for (;;) {
    const { changed } = stageGraph.sources();
    if (changed.length === 0) return;
    const names = changed.map((file) => path.relative(process.cwd(), file)).join(", ");
    const what = `${path.relative(process.cwd(), stageGraph.file)} is stale: changed since it was made: ${names}`;
    if (!stageGraph.canRenew()) {
      say(`${what}\nGoing on with it as it is. "pnpm synth" renews it, and installs what it takes (320 MB, once).`);
      return;
    }
    say(`${what}\nSynthesising it again ...`);
    try {
      await stageGraph.renew();
    } catch (error) {
      say(`${(error as Error).message}\nGoing on with the graph as it was.`);
      return;
    }
  }
}

function missing(project: string, stage: string, file: string): string {
  const folder = path.dirname(file);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const stages = names.filter((name) => /^[^.].*\.json$/.test(name)).map((name) => name.slice(0, -5));
  const there = stages.length === 0 ? `${project} has no deployment graph` : `there are graphs of ${stages.join(", ")}`;
  const synth =
    project === REPOSITORY ? `pnpm synth --stage ${stage}` : `pnpm synth --stage ${stage} --project ${project}`;
  return `no graph of stage "${stage}" (${file}): ${there}; "${synth}" makes one`;
}
