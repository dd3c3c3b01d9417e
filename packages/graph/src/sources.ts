import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@secure-backend/launch/replace-file";

/** Digest by file, relative to the project, of what a stage's graph was synthesised from. */
type Sources = Record<string, string>;

/**
 * Writes down what a stage's graph was made from, beside the graphs, so that a stale graph can be told without making it anew.
 *
 * @param files absolute paths
 */
export function recordSources(project: string, stage: string, files: string[]): void {
  const all = read(project);
  const sources = files.map(
    (file) => [path.relative(project, file).replaceAll(path.sep, "/"), digestOf(file)] as const,
  );
  all[stage] = Object.fromEntries(sources.sort(([a], [b]) => (a < b ? -1 : 1)));
  const stages = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  replaceFile(fileOf(project), `${JSON.stringify(stages, null, 2)}\n`);
}

/** The files that a stage's graph was made from, as absolute paths; `changed` are those that differ now, or are gone. */
export function sourcesOf(project: string, stage: string): { files: string[]; changed: string[] } {
  const entries = Object.entries(read(project)[stage] ?? {});
  const changed = entries.filter(([name, digest]) => digestOf(path.resolve(project, name)) !== digest);
  return {
    files: entries.map(([name]) => path.resolve(project, name)),
    changed: changed.map(([name]) => path.resolve(project, name)),
  };
}

function read(project: string): Record<string, Sources> {
  const file = fileOf(project);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, Sources>;
  } catch (error) {
    throw new Error(`${file} is no JSON ("pnpm synth" makes it anew once it is deleted): ${(error as Error).message}`);
  }
}

function fileOf(project: string): string {
  return path.join(project, "infra/graph/.sources.json");
}

/** Of the text, whatever line ends git checked it out with. */
function digestOf(file: string): string {
  if (!existsSync(file)) return "";
  const text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
