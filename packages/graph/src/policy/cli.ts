import path from "node:path";

import { type CommandStreams, parseCommandLine, REPOSITORY, reportError, UsageError } from "../command-line";
import { openStageGraph, renewWhileStale } from "../stage-graph";
import { findingsIn, judge } from "./judge";
import { PROMISES } from "./promises";
import type { Judgement } from "./report";
import { reportJson } from "./report-json";
import { reportSarif } from "./report-sarif";
import { reportText } from "./report-text";
import { rulesTable } from "./rules-table";
import { WAIVERS } from "./waivers";

const FORMATS = { text: reportText, json: reportJson, sarif: reportSarif };

const HELP = `Usage: pnpm policy [--stage NAME]... [--format text|json|sarif] [--project DIR]

Judges infra/graph/<stage>.json, what a deployment would create in AWS, by the rules that docs/policy.md lists.

  --stage NAME      a stage to judge; may be repeated (default: dev, test, prod)
  --format FORMAT   text, json, or sarif (SARIF 2.1.0, which code scanning reads) (default: text)
  --project DIR     folder of the sst.config.ts (default: this repository)
  --rules           only list the rules, as the Markdown in docs/policy.md
  --help            show this text

Exit code: 0 nothing found, 1 something found or something that cannot be told, 2 wrong usage.
`;

export interface Environment extends CommandStreams {
  /** The user's working folder: a package manager runs its scripts elsewhere. */
  cwd: string;
  /** Day on which waivers are judged, such as `2026-11-23`. */
  today: string;
}

/** Exit code: 0 without a finding, 1 with one, 2 for wrong usage. */
export async function main(argv: string[], { stdout, stderr, cwd, today }: Environment): Promise<number> {
  try {
    const { help, rules, stages, report, project } = optionsOf(argv, cwd);
    if (help || rules) {
      stdout.write(help ? HELP : rulesTable());
      return 0;
    }
    const judgements: Judgement[] = [];
    for (const stage of stages) {
      const stageGraph = openStageGraph(project, stage);
      await renewWhileStale(stageGraph, (text) => stderr.write(`${text}\n`));
      const graph = stageGraph.load();
      const waivers = graph.app === PROMISES.app ? WAIVERS : [];
      const file = path.relative(project, stageGraph.file).replaceAll(path.sep, "/");
      judgements.push({ graph, file, verdict: judge(graph, findingsIn(graph, PROMISES), waivers, today) });
    }
    stdout.write(report(judgements));
    return judgements.every(({ verdict }) => verdict.findings.length === 0) ? 0 : 1;
  } catch (error) {
    return reportError(error, { stderr });
  }
}

function optionsOf(argv: string[], cwd: string) {
  const { stage: stages, format, project, rules, help } = parseCommandLine(argv, OPTIONS, HELP).values;
  const formats = new Map(Object.entries(FORMATS));
  const report = formats.get(format);
  if (report === undefined) throw new UsageError(`--format ${format}: expected ${[...formats.keys()].join(", ")}`);
  return { help, rules, stages: [...new Set(stages)], report, project: path.resolve(cwd, project) };
}

const STAGES = ["dev", "test", "prod"];

const OPTIONS = {
  stage: { type: "string", multiple: true, default: STAGES },
  format: { type: "string", default: "text" },
  project: { type: "string", default: REPOSITORY },
  rules: { type: "boolean", default: false },
} as const;
