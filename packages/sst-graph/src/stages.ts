import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { oneLine } from "./printable";
import { UsageError } from "./usage-error";

/** The rule of SST 4.17 for a stage's name, with a limit that leaves room for it in names of files and resources. */
const STAGE = /^[A-Za-z0-9-]{1,64}$/;

export function isStageName(text: string): boolean {
  return STAGE.test(text);
}

/** Returns the stage. Throws a UsageError for a text that names none, such as a path. */
export function checkStage(stage: string): string {
  if (isStageName(stage)) return stage;
  throw new UsageError(`--stage ${oneLine(stage)}: expected letters, digits and hyphens, at most 64`);
}

/** The folder of a project in which `pnpm synth` keeps one graph a stage. */
export function graphFolder(project: string): string {
  return path.join(project, "infra/graph");
}

/** The file of a stage's graph. Throws a UsageError for a text that names no stage. */
export function graphFile(project: string, stage: string): string {
  return path.join(graphFolder(project), `${checkStage(stage)}.json`);
}

/** Names of the stages that have a graph in a folder. */
export function stagesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? []);
  return names.filter(isStageName).sort();
}
