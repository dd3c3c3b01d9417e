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
import { paintFor, type Screen, widthOf } from "@backend/sst-graph/screen";
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
  about: "Checks the resources that a deployment would create (infra/graph/<stage>.json) against the rules.",
  usage: ["[--stage NAME]... [--format text|json|sarif] [--project DIR]", "--rules"],
  options: {
    stage: {
      type: "string",
      multiple: true,
      value: "NAME",
      about: "stage to check; may be repeated (default: all stages of the project)",
    },
    format: {
      type: "string",
      value: "FORMAT",
      about: "text, json, or sarif (SARIF 2.1.0, for code scanning) (default: text)",
    },
    json: { type: "boolean", default: false, about: "the same as --format json" },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder with sst.config.ts (default: this repository)",
    },
    rules: { type: "boolean", default: false, about: "only lists the rules, as Markdown" },
  },
  exitCodes: {
    0: "no findings",
    1: "findings or undetermined rules, or a stage that could not be checked",
  },
} as const satisfies Command;

export interface Environment extends CommandStreams {
  stdout: CommandStreams["stdout"] & Screen;
  env: NodeJS.ProcessEnv;
  /** The user's working folder. A package manager runs its scripts in another folder. */
  cwd: string;
  /** Day for which the expiry of waivers is checked, such as `2026-11-23`. */
  today: string;
}

/**
 * Returns the exit code: 0 without findings, 1 with findings or if a stage could not be checked,
 * 2 for wrong usage.
 */
export function main(argv: string[], { cwd, env, today, ...streams }: Environment): Promise<number> {
  const { stdout, stderr } = streams;
  const say = (text: string) => stderr.write(`${printable(text)}\n`);
  return runCommand(COMMAND, argv, streams, async (values) => {
    const report = FORMATS[formatOf(values)];
    const project = path.resolve(cwd, values.project);
    if (!existsSync(project)) throw new UsageError(`--project ${project}: no such folder`);
    const promises = await loadPromises(project);
    if (values.rules) {
      stdout.write(rulesTable(promises.hints));
      return 0;
    }
    const allStages = [...(promises.stages ?? []), ...stagesIn(graphFolder(project))];
    const stages = [...new Set(values.stage ?? allStages)];
    if (stages.length === 0) throw new UsageError(`${project} has no deployment graph: create one with "pnpm synth"`);
    const judgements: Judgement[] = [];
    for (const stage of stages) {
      const stageGraph = openStageGraph(project, stage);
      const file = path.relative(project, stageGraph.file).replaceAll(path.sep, "/");
      const problem = await renewWhileStale(stageGraph, say);
      if (problem !== undefined)
        throw new Error(`${file} does not match sst.config.ts: stage ${stage} was not checked`);
      const graph = stageGraph.load();
      judgements.push({ graph, file, verdict: judge(graph, promises, today) });
    }
    stdout.write(report(judgements, { width: widthOf(stdout, env), paint: paintFor(stdout, env) }));
    return judgements.every(({ verdict }) => verdict.findings.length === 0) ? 0 : 1;
  });
}

function formatOf({ format, json }: CommandValues<typeof COMMAND>): keyof typeof FORMATS {
  if (json && format !== undefined && format !== "json")
    throw new UsageError(`--json and --format ${format}: expected only one of them`);
  const name = json ? "json" : (format ?? "text");
  if (Object.hasOwn(FORMATS, name)) return name as keyof typeof FORMATS;
  throw new UsageError(`--format ${name}: expected ${Object.keys(FORMATS).join(", ")}`);
}
