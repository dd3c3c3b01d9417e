import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Graph } from "@secure-backend/graph/graph";
import { loadGraph } from "@secure-backend/graph/load";
import { isPlatformInstalled } from "@secure-backend/graph/platform";
import { sourcesOf } from "@secure-backend/graph/sources";

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

function missing(project: string, stage: string, file: string): string {
  const folder = path.dirname(file);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const stages = names.filter((name) => /^[^.].*\.json$/.test(name)).map((name) => name.slice(0, -5));
  const there = stages.length === 0 ? `${project} has no deployment graph` : `there are graphs of ${stages.join(", ")}`;
  const synth =
    project === REPOSITORY ? `pnpm synth --stage ${stage}` : `pnpm synth --stage ${stage} --project ${project}`;
  return `no graph of stage "${stage}" (${file}): ${there}; "${synth}" makes one`;
}
