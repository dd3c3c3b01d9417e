import { existsSync } from "node:fs";
import path from "node:path";

import {
  type Command,
  type CommandStreams,
  type CommandValues,
  REPOSITORY,
  runCommand,
  UsageError,
} from "@backend/sst-graph/command-line";
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

const COMMAND = {
  name: "pnpm policy",
  about: "Judges what a deployment would create in AWS, infra/graph/<stage>.json, by rules.",
  usage: ["[--stage NAME]... [--format text|json|sarif] [--project DIR]", "--rules"],
  options: {
    stage: {
      type: "string",
      multiple: true,
      value: "NAME",
      about: "a stage to judge; may be repeated (default: all that the project has)",
    },
    format: {
      type: "string",
      value: "FORMAT",
      about: "text, json, or sarif (SARIF 2.1.0, which code scanning reads) (default: text)",
    },
    json: { type: "boolean", default: false, about: "the same as --format json" },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder of the sst.config.ts (default: this repository)",
    },
    rules: { type: "boolean", default: false, about: "only list the rules, as Markdown" },
  },
  exitCodes: {
    0: "nothing found",
    1: "something found, or something that cannot be told, or a stage that could not be judged",
  },
} as const satisfies Command;

export interface Environment extends CommandStreams {
  /** The user's working folder: a package manager runs its scripts elsewhere. */
  cwd: string;
  /** Day on which waivers are judged, such as `2026-11-23`. */
  today: string;
}

/** Exit code: 0 without a finding, 1 with one and where a stage could not be judged, 2 for wrong usage. */
export function main(argv: string[], { cwd, today, ...streams }: Environment): Promise<number> {
  const { stdout, stderr } = streams;
  const say = (text: string) => stderr.write(`${printable(text)}\n`);
  return runCommand(COMMAND, argv, streams, async (values) => {
    const report = FORMATS[formatOf(values)];
    const project = path.resolve(cwd, values.project);
    if (!existsSync(project)) throw new UsageError(`--project ${project}: there is no such folder`);
    const promises = await loadPromises(project);
    if (values.rules) {
      stdout.write(rulesTable(promises.hints));
      return 0;
    }
    const known = [...(promises.stages ?? []), ...stagesIn(graphFolder(project))];
    const stages = [...new Set(values.stage ?? known)];
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
  });
}

function formatOf({ format, json }: CommandValues<typeof COMMAND>): keyof typeof FORMATS {
  if (json && format !== undefined && format !== "json")
    throw new UsageError(`--json and --format ${format}: expected one of them`);
  const wanted = json ? "json" : (format ?? "text");
  if (Object.hasOwn(FORMATS, wanted)) return wanted as keyof typeof FORMATS;
  throw new UsageError(`--format ${wanted}: expected ${Object.keys(FORMATS).join(", ")}`);
}
