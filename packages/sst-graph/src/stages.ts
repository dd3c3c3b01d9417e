import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { oneLine } from "./printable";
import { UsageError } from "./usage-error";

/** SST 4.17's rule for stage names, with a length that fits into names of files and resources. */
const STAGE = /^[A-Za-z0-9-]{1,64}$/;

export function isStageName(text: string): boolean {
  return STAGE.test(text);
}

/** Returns the stage. Throws a UsageError for a text that is not a stage name, such as a path. */
export function checkStage(stage: string): string {
  if (isStageName(stage)) return stage;
  throw new UsageError(`--stage ${oneLine(stage)}: expected letters, digits and hyphens, at most 64`);
}

/** Returns the folder of a project in which `pnpm synth` writes the graphs. */
export function graphFolder(project: string): string {
  return path.join(project, "infra/graph");
}

/** Returns the file of a stage's graph. Throws a UsageError for a text that is not a stage name. */
export function graphFile(project: string, stage: string): string {
  return path.join(graphFolder(project), `${checkStage(stage)}.json`);
}

/** Returns the names of the stages that have a graph in a folder. */
export function stagesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? []);
  return names.filter(isStageName).sort();
}
