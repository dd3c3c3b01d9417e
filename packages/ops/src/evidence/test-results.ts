import path from "node:path";

import * as z from "zod/mini";

import type { Commit } from "./repository";

const Results = z.object({
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) }),
  ),
});

export interface TestResults {
  counts: Record<string, number>;
  files: { file: string; tests: { name: string; status: string }[] }[];
}

/**
 * What a run of vitest found, without durations and folders of a machine: the same for every run over a commit that finds the same.
 * Throws an Error where the run is none of all tests of the commit.
 *
 * @param json of vitest's reporter `json`
 */
export function testResults(json: unknown, project: string, { files }: Commit): TestResults {
  const parsed = Results.safeParse(json);
  if (!parsed.success) throw new Error("the test results are none of vitest's reporter json");
  const { testResults: results } = parsed.data;
  const run = results.map(({ name, assertionResults }) => ({
    file: path.relative(project, name).replaceAll(path.sep, "/"),
    tests: assertionResults.map(({ fullName, status }) => ({ name: fullName, status })).sort(by(({ name }) => name)),
  }));
  const ran = new Set(run.map(({ file }) => file));
  const missing = files.filter((file) => file.endsWith(".test.ts") && !ran.has(file));
  if (missing.length > 0) {
    throw new Error(
      `the test results lack ${missing.length} files, such as ${missing[0]}: run pnpm test without arguments`,
    );
  }
  const counts: Record<string, number> = {};
  for (const { status } of run.flatMap(({ tests }) => tests)) counts[status] = (counts[status] ?? 0) + 1;
  return { counts, files: run.sort(by(({ file }) => file)) };
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
