import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { report } from "./diff-report";
import { loadGraph } from "./load";

const HELP = `Usage: pnpm --silent graph-diff BASE_FOLDER HEAD_FOLDER

Prints, as Markdown, how the deployment graphs <stage>.json of one folder differ from those of another: resources that were
added, removed and changed.

  --help   show this text
`;

interface Surroundings {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  cwd: string;
}

/** Exit code: 0, whether there is a difference or not, 1 when a graph cannot be read, 2 for wrong usage. */
export function main(argv: string[], { stdout, stderr, cwd }: Surroundings): number {
  let folders: string[];
  try {
    const { values, positionals } = parse(argv);
    if (values.help) {
      stdout.write(HELP);
      return 0;
    }
    folders = positionals.map((folder) => path.resolve(cwd, folder));
    if (folders.length !== 2) throw new Error(`expected two folders, found ${folders.length}`);
    const missing = folders.find((folder) => !existsSync(folder));
    if (missing !== undefined) throw new Error(`${missing}: expected a folder of deployment graphs, found nothing`);
  } catch (error) {
    stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  try {
    const [before, after] = folders.map(graphsOf) as [Graphs, Graphs];
    const stages = [...new Set([...after.keys(), ...before.keys()])].sort(byPromotion);
    stdout.write(report(stages.map((stage) => ({ stage, before: before.get(stage), after: after.get(stage) }))));
    return 0;
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
}

type Graphs = Map<string, ReturnType<typeof loadGraph>>;

function graphsOf(folder: string): Graphs {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json") && !file.startsWith("."));
  if (files.length === 0) throw new Error(`${folder}: expected deployment graphs, found no <stage>.json`);
  return new Map(files.map((file) => [path.basename(file, ".json"), loadGraph(path.join(folder, file))]));
}

const PROMOTION = ["dev", "test", "prod"];

function byPromotion(one: string, other: string): number {
  return rank(one) - rank(other) || one.localeCompare(other);
}

function rank(stage: string): number {
  return PROMOTION.includes(stage) ? PROMOTION.indexOf(stage) : PROMOTION.length;
}
