import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { readSynthFile, synthFileError } from "./json-file";
import { graphFolder } from "./stages";

/**
 * Digests of the files that a stage's graph was synthesised from, by path relative to the project.
 */
type Sources = Record<string, string>;

const EXPECTED = "digests of source files by stage";

export interface SourcesState {
  /** Absolute paths of the files that a stage's graph was synthesised from. */
  files: string[];
  /** Files that have changed since, or are missing. */
  changed: string[];
  /** Set if the file with the digests is damaged. `files` then contains only that file. */
  problem?: string;
}

/**
 * Records the source files of a stage's graph, in a file next to the graphs. So a stale graph is
 * found without a synthesis. A damaged file is replaced, without its other stages.
 *
 * @param files absolute paths
 * @returns the problem of a damaged file
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

/** Compares the source files of a stage's graph with their recorded digests. Never throws. */
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
      throw synthFileError(file, EXPECTED, "JSON with another structure");
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

/**
 * Returns the digest of a text file, independent of its line endings. Empty if it cannot be read.
 */
function digestOf(file: string): string {
  try {
    const text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
  } catch {
    return "";
  }
}
