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
 * Converts vitest's results to a form without durations and absolute paths, so that runs with the
 * same outcome give the same value. Throws an Error if a test file of the commit is missing.
 *
 * @param json output of vitest's `json` reporter
 */
export function parseTestResults(json: unknown, project: string, { files }: Commit): TestResults {
  const parsed = Results.safeParse(json);
  if (!parsed.success) throw new Error("the test results are not output of vitest's json reporter");
  const { testResults: results } = parsed.data;
  const testFiles = results.map(({ name, assertionResults }) => ({
    file: path.relative(project, name).replaceAll(path.sep, "/"),
    tests: assertionResults
      .map(({ fullName, status }) => ({ name: fullName, status }))
      .sort(compareBy(({ name }) => name)),
  }));
  const ran = new Set(testFiles.map(({ file }) => file));
  const missing = files.filter((file) => file.endsWith(".test.ts") && !ran.has(file));
  if (missing.length > 0) {
    throw new Error(
      `test results of ${missing.length} files are missing, such as ${missing[0]}: run pnpm test without arguments`,
    );
  }
  const counts: Record<string, number> = {};
  for (const { status } of testFiles.flatMap(({ tests }) => tests)) counts[status] = (counts[status] ?? 0) + 1;
  return { counts, files: testFiles.sort(compareBy(({ file }) => file)) };
}

function compareBy<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
