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

/**
 * The deployment graph of one stage, as `pnpm synth` wrote it, with functions to load and renew it.
 */
export interface StageGraph {
  file: string;
  /** Throws an Error that names the file, the problem and the fix. */
  load(): Graph;
  /** Returns the source files of the graph. Never throws: a damaged record is a `problem`. */
  sources(): SourcesState;
  /** True if the project has an sst.config.ts. */
  hasConfig(): boolean;
  /** True if SST's platform is installed, which `renew` needs. */
  canRenew(): boolean;
  /**
   * Synthesises the stage again, until the signal aborts. Throws an Error with the fault in
   * sst.config.ts.
   */
  renew(signal?: AbortSignal): Promise<void>;
}

/**
 * Opens the graph of a stage. Throws a UsageError if the project or the graph does not exist, which
 * lists the existing graphs.
 */
export function openStageGraph(project: string, stage: string): StageGraph {
  const file = graphFile(project, stage);
  if (!existsSync(project)) throw new UsageError(`--project ${project}: no such folder`);
  if (!existsSync(file)) throw new UsageError(missingGraphMessage(project, stage, file));
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

/**
 * Returns the program that synthesises a project: its own `infra/tools/synth.ts`, which may
 * generate more files, or this package's.
 */
export function synthProgram(project: string): string {
  const own = path.join(project, "infra/tools/synth.ts");
  return existsSync(own) ? own : path.join(REPOSITORY, "packages/sst-graph/src/main.ts");
}

/** A running renewal. */
interface Renewal {
  finished: Promise<string | undefined>;
  /** True if another call came in, so that files may have changed since the synthesis began. */
  isAskedAgain: boolean;
}
const UNCHANGED = "Still using the previous graph.";
const renewals = new WeakMap<StageGraph, Renewal>();

/** Limits the syntheses of one call, for sources that keep changing. */
const MAX_ROUNDS = 10;

/**
 * Synthesises a graph again until it matches its sources. Also replaces a damaged graph, and a
 * damaged record of its sources. Reports progress and failures with `say`. Never rejects.
 * Overlapping calls share one renewal.
 *
 * @param signal ends the renewal without a message
 * @returns why the graph does not match its sources, or undefined if it does
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
      say(`${(error as Error).message}\n${UNCHANGED}`);
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
      say(`${reason}\n${UNCHANGED} Run "pnpm synth" to update it (downloads 320 MB, only once).`);
      return reason;
    }
    say(`${reason}\nUpdating the graph…`);
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
    say(`${failure}\n${UNCHANGED}`);
    return failure;
  }
  return staleReason(stageGraph);
}

/** Limits the names of changed files in a message. */
const MAX_NAMES = 5;

/** Ignores a damaged graph that cannot be renewed: `load` reports its problem. */
function staleReason(stageGraph: StageGraph): string | undefined {
  const { changed, problem } = stageGraph.sources();
  const isRenewable = stageGraph.hasConfig() && stageGraph.canRenew();
  const damage = (isRenewable ? findGraphProblem(stageGraph) : undefined) ?? problem;
  if (damage !== undefined) return damage;
  if (changed.length === 0) return undefined;
  const names = changed.map((file) => path.relative(process.cwd(), file));
  const rest = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  const files = `${names.slice(0, MAX_NAMES).join(", ")}${rest}`;
  return `${path.relative(process.cwd(), stageGraph.file)} is out of date. Changed files: ${files}`;
}

function findGraphProblem({ load }: StageGraph): string | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function missingGraphMessage(project: string, stage: string, file: string): string {
  const stages = stagesIn(graphFolder(project));
  const present =
    stages.length === 0 ? `${project} has no deployment graph` : `there are graphs of ${stages.join(", ")}`;
  const synth =
    project === REPOSITORY ? `pnpm synth --stage ${stage}` : `pnpm synth --stage ${stage} --project ${project}`;
  return `no graph of stage "${stage}" (${file}): ${present}; create it with "${synth}"`;
}
