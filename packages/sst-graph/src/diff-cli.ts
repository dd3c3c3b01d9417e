import { existsSync } from "node:fs";
import path from "node:path";

import { type Command, type CommandStreams, runCommand, UsageError } from "./command-line";
import { reportJson, reportMarkdown, reportText } from "./diff-report";
import type { Graph } from "./graph";
import { loadGraph } from "./load";
import { paintFor, type Screen, widthOf } from "./screen";
import { stagesIn } from "./stages";

const COMMAND = {
  name: "pnpm graph-diff",
  about: "Compares the deployment graphs <stage>.json of two folders.",
  usage: ["BASE_FOLDER HEAD_FOLDER [--json]"],
  details: "Prints the added, removed and changed resources, as Markdown if the output is not a terminal.",
  arguments: {},
  options: { json: { type: "boolean", default: false, about: "prints JSON" } },
  exitCodes: { 0: "success, with or without differences", 1: "a graph cannot be read" },
} as const satisfies Command;

interface Environment extends CommandStreams {
  stdout: CommandStreams["stdout"] & Screen;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/**
 * Returns the exit code: 0 with or without differences, 1 if a graph cannot be read, 2 for wrong
 * usage.
 */
export function main(argv: string[], { cwd, env, ...streams }: Environment): Promise<number> {
  return runCommand(COMMAND, argv, streams, ({ json }, names) => {
    const [before, after] = foldersOf(names, cwd).map(loadGraphs) as [Graphs, Graphs];
    const stages = [...new Set([...after.keys(), ...before.keys()])].sort(byPromotion);
    const pairs = stages.map((stage) => ({ stage, before: before.get(stage), after: after.get(stage) }));
    const { stdout } = streams;
    if (json) stdout.write(reportJson(pairs));
    else if (stdout.isTTY)
      stdout.write(reportText(pairs, { width: widthOf(stdout, env), paint: paintFor(stdout, env) }));
    else stdout.write(reportMarkdown(pairs));
    return 0;
  });
}

function foldersOf(names: string[], cwd: string): string[] {
  if (names.length !== 2) throw new UsageError(`expected two folders, found ${names.length}`);
  const folders = names.map((name) => path.resolve(cwd, name));
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing === undefined) return folders;
  throw new UsageError(`${missing}: expected a folder with deployment graphs, found no such folder`);
}

type Graphs = Map<string, Graph>;

function loadGraphs(folder: string): Graphs {
  const stages = stagesIn(folder);
  if (stages.length === 0) throw new Error(`${folder}: expected deployment graphs, found no <stage>.json`);
  return new Map(stages.map((stage) => [stage, loadGraph(path.join(folder, `${stage}.json`))]));
}

const PROMOTION = ["dev", "test", "prod"];

function byPromotion(one: string, other: string): number {
  return rank(one) - rank(other) || one.localeCompare(other);
}

function rank(stage: string): number {
  return PROMOTION.includes(stage) ? PROMOTION.indexOf(stage) : PROMOTION.length;
}
