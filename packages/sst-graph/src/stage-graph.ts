import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import type { Graph } from "./graph";
import { loadGraph } from "./load";
import { isPlatformInstalled } from "./platform";
import { REPOSITORY } from "./repository";
import { type SourcesState, sourcesOf } from "./sources";
import { graphFile, graphFolder, stagesIn } from "./stages";
import { UsageError } from "./usage-error";

/** The deployment graph of one stage of a project, as `pnpm synth` wrote it, and the way to renew it. */
export interface StageGraph {
  file: string;
  /** Throws an Error that names the file, what is wrong with it and the remedy. */
  load(): Graph;
  /** The files that the graph was made from. Never throws: a damaged record is a `problem`. */
  sources(): SourcesState;
  /** True if the project has the sst.config.ts that the graph can be made from. */
  hasConfig(): boolean;
  /** Whether SST's platform is installed, without which `renew` cannot work. */
  canRenew(): boolean;
  /**
   * Synthesises the stage again, unless the signal ends it. Throws an Error with what is wrong in
   * sst.config.ts.
   */
  renew(signal?: AbortSignal): Promise<void>;
}

/** Throws a UsageError for a project or a stage's graph that does not exist; it names the graphs that do. */
export function openStageGraph(project: string, stage: string): StageGraph {
  const file = graphFile(project, stage);
  if (!existsSync(project)) throw new UsageError(`--project ${project}: there is no such folder`);
  if (!existsSync(file)) throw new UsageError(missing(project, stage, file));
  return {
    file,
    load: () => loadGraph(file),
    sources: () => sourcesOf(project, stage),
    hasConfig: () => existsSync(path.join(project, "sst.config.ts")),
    canRenew: () => isPlatformInstalled(REPOSITORY),
    async renew(signal) {
      const args = [LAUNCH, synthProgram(project), "--stage", stage, "--project", project];
      const options = { cwd: REPOSITORY, signal };
      await promisify(execFile)(process.execPath, args, options).catch((error: { stderr?: string }) => {
        throw new Error(error.stderr?.trim() || String(error));
      });
    },
  };
}

const LAUNCH = path.join(REPOSITORY, "packages/launch/launch.mjs");

/** The program that synthesises a project: its own `infra/tools/synth.ts`, which may derive more files, or ours. */
export function synthProgram(project: string): string {
  const own = path.join(project, "infra/tools/synth.ts");
  return existsSync(own) ? own : path.join(REPOSITORY, "packages/sst-graph/src/main.ts");
}

/** A renewal that is under way. `isAskedAgain`: something may have changed since it began. */
interface Renewal {
  finished: Promise<string | undefined>;
  isAskedAgain: boolean;
}
const renewals = new WeakMap<StageGraph, Renewal>();

/** Sources that change during so many syntheses in a row are left for the next call. */
const MAX_ROUNDS = 10;

/**
 * Synthesises a graph again while its sources differ from it, or while it or the record of its
 * sources is damaged. Reports what happens, and what cannot be done. Never rejects. Calls that
 * overlap share one renewal.
 *
 * @param signal ends the renewal without a word
 * @returns why the graph is not what the sources declare; undefined if it is
 */
export function renewWhileStale(
  stageGraph: StageGraph,
  say: (text: string) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const running = renewals.get(stageGraph);
  if (running !== undefined) {
    running.isAskedAgain = true;
    return running.finished;
  }
  const renewal: Renewal = { finished: Promise.resolve(undefined), isAskedAgain: false };
  renewals.set(stageGraph, renewal);
  renewal.finished = renewUntilFresh(stageGraph, renewal, say, signal)
    .catch((error) => {
      say(`${(error as Error).message}\nGoing on with the graph as it was.`);
      return (error as Error).message;
    })
    .finally(() => renewals.delete(stageGraph));
  return renewal.finished;
}

async function renewUntilFresh(
  stageGraph: StageGraph,
  renewal: Renewal,
  say: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const reason = staleReason(stageGraph);
    if (reason === undefined) return undefined;
    if (!stageGraph.canRenew()) {
      say(`${reason}\nGoing on with it as it is. "pnpm synth" renews it, and installs what it takes (320 MB, once).`);
      return reason;
    }
    say(`${reason}\nSynthesising it again ...`);
    renewal.isAskedAgain = false;
    const failure = await stageGraph.renew(signal).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (signal?.aborted) return reason;
    if (failure === undefined || renewal.isAskedAgain) continue;
    // The graph may have been written before something else failed, such as the OpenAPI document.
    if (staleReason(stageGraph) === undefined) {
      say(failure);
      return undefined;
    }
    say(`${failure}\nGoing on with the graph as it was.`);
    return failure;
  }
  return staleReason(stageGraph);
}

/** A damaged graph that cannot be made again is no reason: whoever loads it says what is wrong. */
function staleReason(stageGraph: StageGraph): string | undefined {
  const { changed, problem } = stageGraph.sources();
  const isRenewable = stageGraph.hasConfig() && stageGraph.canRenew();
  const damage = (isRenewable ? graphProblem(stageGraph) : undefined) ?? problem;
  if (damage !== undefined) return damage;
  if (changed.length === 0) return undefined;
  const names = changed.map((file) => path.relative(process.cwd(), file)).join(", ");
  return `${path.relative(process.cwd(), stageGraph.file)} is stale: changed since it was made: ${names}`;
}

function graphProblem({ load }: StageGraph): string | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function missing(project: string, stage: string, file: string): string {
  const stages = stagesIn(graphFolder(project));
  const present =
    stages.length === 0 ? `${project} has no deployment graph` : `there are graphs of ${stages.join(", ")}`;
  const synth =
    project === REPOSITORY ? `pnpm synth --stage ${stage}` : `pnpm synth --stage ${stage} --project ${project}`;
  return `no graph of stage "${stage}" (${file}): ${present}; "${synth}" makes one`;
}
