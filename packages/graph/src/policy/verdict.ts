import path from "node:path";

import type { Graph } from "../graph";
import { REPOSITORY } from "../repository";
import { findingsIn, judge, type Verdict } from "./judge";
import { PROMISES, promisedStage } from "./promises";
import { WAIVERS } from "./waivers";

/** A verdict, and what a reader has to know about how it came about. */
export interface ProjectVerdict extends Verdict {
  notes: string[];
}

/**
 * Judges a graph of a project. The promises and waivers are this repository's: in another project with another app's
 * name neither holds, and a note says so. A renamed app of this repository is a finding.
 *
 * @param project folder of the sst.config.ts
 * @param today as `2026-11-23`
 */
export function verdictOf(graph: Graph, project: string, today: string): ProjectVerdict {
  if (path.resolve(project) !== REPOSITORY && graph.app !== PROMISES.app) {
    const note = `${graph.app} ${graph.stage}: judged without promises and waivers, which are those of ${PROMISES.app}`;
    return { ...judge(graph, findingsIn(graph, undefined), [], today), notes: [note] };
  }
  const verdict = judge(graph, findingsIn(graph, PROMISES), WAIVERS, today, PROMISES);
  const stage = promisedStage(PROMISES, graph.stage);
  const note = `${graph.app} ${graph.stage}: judged as ${stage}, since promises.ts has no stage "${graph.stage}"`;
  return { ...verdict, notes: stage === graph.stage ? [] : [note] };
}
