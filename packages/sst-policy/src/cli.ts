import { existsSync } from "node:fs";
import path from "node:path";

import { type CommandStreams, parseCommandLine, REPOSITORY, UsageError } from "@backend/sst-graph/command-line";
import { printable } from "@backend/sst-graph/printable";
import { openStageGraph, renewWhileStale } from "@backend/sst-graph/stage-graph";
import { graphFolder, stagesIn } from "@backend/sst-graph/stages";
import { judge } from "./judge";
import { loadPromises } from "./load-promises";
import type { Judgement } from "./report";
import { reportJson } from "./report-json";
import { reportSarif } from "./report-sarif";
import { reportText } from "./report-text";
import { rulesTable } from "./rules-table";

const FORMATS = { text: reportText, json: reportJson, sarif: reportSarif };

const HELP = `Usage: pnpm policy [--stage NAME]... [--format text|json|sarif] [--project DIR]

Judges infra/graph/<stage>.json, what a deployment would create in AWS, by the rules that --rules lists.

  --stage NAME      a stage to judge; may be repeated (default: all that the project has)
  --format FORMAT   text, json, or sarif (SARIF 2.1.0, which code scanning reads) (default: text)
  --project DIR     folder of the sst.config.ts (default: this repository)
  --rules           only list the rules, as Markdown
  --help            show this text

Exit code: 0 nothing found; 1 something found, or something that cannot be told; 2 not judged: wrong usage, or a
configuration that cannot be evaluated.
`;

export interface Environment extends CommandStreams {
  /** The user's working folder: a package manager runs its scripts elsewhere. */
  cwd: string;
  /** Day on which waivers are judged, such as `2026-11-23`. */
  today: string;
}

/** Exit code: 0 without a finding, 1 with one, 2 where a stage could not be judged. */
export async function main(argv: string[], { stdout, stderr, cwd, today }: Environment): Promise<number> {
  const say = (text: string) => stderr.write(`${printable(text)}\n`);
  try {
    const { help, rules, wanted, report, project } = optionsOf(argv, cwd);
    if (help) {
      stdout.write(HELP);
      return 0;
    }
    const promises = await loadPromises(project);
    if (rules) {
      stdout.write(rulesTable(promises.hints));
      return 0;
    }
    const stages = wanted ?? [...new Set([...(promises.stages ?? []), ...stagesIn(graphFolder(project))])];
    if (stages.length === 0) throw new UsageError(`${project} has no deployment graph: "pnpm synth" makes them`);
    const judgements: Judgement[] = [];
    for (const stage of stages) {
      const stageGraph = openStageGraph(project, stage);
      const file = path.relative(project, stageGraph.file).replaceAll(path.sep, "/");
      const problem = await renewWhileStale(stageGraph, say);
      if (problem !== undefined)
        throw new Error(`${file} is not what sst.config.ts declares: stage ${stage} is not judged`);
      const graph = stageGraph.load();
      judgements.push({ graph, file, verdict: judge(graph, promises, today) });
    }
    stdout.write(report(judgements));
    return judgements.every(({ verdict }) => verdict.findings.length === 0) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

function optionsOf(argv: string[], cwd: string) {
  const { stage: stages, format, project, rules, help } = parseCommandLine(argv, OPTIONS, HELP).values;
  const formats = new Map(Object.entries(FORMATS));
  const report = formats.get(format);
  if (report === undefined) throw new UsageError(`--format ${format}: expected ${[...formats.keys()].join(", ")}`);
  const folder = path.resolve(cwd, project);
  if (!existsSync(folder)) throw new UsageError(`--project ${folder}: there is no such folder`);
  return { help, rules, wanted: stages && [...new Set(stages)], report, project: folder };
}

const OPTIONS = {
  stage: { type: "string", multiple: true },
  format: { type: "string", default: "text" },
  project: { type: "string", default: REPOSITORY },
  rules: { type: "boolean", default: false },
} as const;
