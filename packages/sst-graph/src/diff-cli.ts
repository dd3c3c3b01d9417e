import { existsSync } from "node:fs";
import path from "node:path";

import { type CommandStreams, parseCommandLine, reportError, UsageError } from "./command-line";
import { report } from "./diff-report";
import type { Graph } from "./graph";
import { loadGraph } from "./load";
import { stagesIn } from "./stages";

const HELP = `Usage: pnpm --silent graph-diff BASE_FOLDER HEAD_FOLDER

Prints, as Markdown, how the deployment graphs <stage>.json of one folder differ from those of another: resources that were
added, removed and changed.

  --help   show this text
`;

interface Environment extends CommandStreams {
  cwd: string;
}

/** Exit code: 0, whether there is a difference or not, 1 when a graph cannot be read, 2 for wrong usage. */
export function main(argv: string[], { stdout, stderr, cwd }: Environment): number {
  try {
    const { values, positionals } = parseCommandLine(argv, {}, HELP, { files: true });
    if (values.help) {
      stdout.write(HELP);
      return 0;
    }
    const [before, after] = foldersOf(positionals, cwd).map(graphsIn) as [Graphs, Graphs];
    const stages = [...new Set([...after.keys(), ...before.keys()])].sort(byPromotion);
    stdout.write(report(stages.map((stage) => ({ stage, before: before.get(stage), after: after.get(stage) }))));
    return 0;
  } catch (error) {
    return reportError(error, { stderr });
  }
}

function foldersOf(names: string[], cwd: string): string[] {
  if (names.length !== 2) throw new UsageError(`expected two folders, found ${names.length}\n\n${HELP}`);
  const folders = names.map((name) => path.resolve(cwd, name));
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing === undefined) return folders;
  throw new UsageError(`${missing}: expected a folder of deployment graphs, found nothing\n\n${HELP}`);
}

type Graphs = Map<string, Graph>;

function graphsIn(folder: string): Graphs {
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
