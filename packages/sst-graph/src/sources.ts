import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { readSynthFile, synthFileError } from "./json-file";
import { graphFolder } from "./stages";

/** Digest by file, relative to the project, of what a stage's graph was synthesised from. */
type Sources = Record<string, string>;

const EXPECTED = "digests of source files by stage";

export interface SourcesState {
  /** The files that a stage's graph was made from, as absolute paths. */
  files: string[];
  /** Those that differ now, or are gone. */
  changed: string[];
  /** Why they cannot be told: the file with the digests is damaged. `files` is that file then. */
  problem?: string;
}

/**
 * Records what a stage's graph was made from, in a file beside the graphs: whether a graph is stale can then be told
 * without a synthesis. A damaged file is written again, without the stages that it had.
 *
 * @param files absolute paths
 * @returns what was wrong with a damaged file
 */
export function recordSources(project: string, stage: string, files: string[]): string | undefined {
  const { stages, problem } = readStages(project);
  const sources = files.map(
    (file) => [path.relative(project, file).replaceAll(path.sep, "/"), digestOf(file)] as const,
  );
  stages[stage] = Object.fromEntries(sources.sort(([a], [b]) => (a < b ? -1 : 1)));
  const sorted = Object.fromEntries(Object.entries(stages).sort(([a], [b]) => (a < b ? -1 : 1)));
  replaceFile(fileOf(project), `${JSON.stringify(sorted, null, 2)}\n`);
  return problem;
}

/** Compares the files that a stage's graph was made from with what they are now. Never throws. */
export function sourcesOf(project: string, stage: string): SourcesState {
  const { stages, problem } = readStages(project);
  if (problem !== undefined) return { files: [fileOf(project)], changed: [], problem };
  const entries = Object.entries(stages[stage] ?? {}).map(([name, digest]) => ({
    file: path.resolve(project, name),
    digest,
  }));
  return {
    files: entries.map(({ file }) => file),
    changed: entries.filter(({ file, digest }) => digestOf(file) !== digest).map(({ file }) => file),
  };
}

function readStages(project: string): { stages: Record<string, Sources>; problem?: string } {
  const file = fileOf(project);
  if (!existsSync(file)) return { stages: {} };
  try {
    const stages = readSynthFile(file, EXPECTED);
    if (!isRecordOf(stages, (sources) => isRecordOf(sources, (digest) => typeof digest === "string")))
      throw synthFileError(file, EXPECTED, "JSON of another shape");
    return { stages: stages as Record<string, Sources> };
  } catch (error) {
    return { stages: {}, problem: (error as Error).message };
  }
}

function isRecordOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isItem);
}

function fileOf(project: string): string {
  return path.join(graphFolder(project), ".sources.json");
}

/** Digest of the text, whatever line ends git checked it out with; empty for what cannot be read. */
function digestOf(file: string): string {
  try {
    const text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
  } catch {
    return "";
  }
}
