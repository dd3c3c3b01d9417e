import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { commitOf } from "./repository";

/** Output of vitest's `json` reporter. */
export const RESULTS_FILE = "node_modules/.cache/test-results.json";
/** File beside the results with the state of the working tree before and after the tests. */
const STATE_FILE = "tested.json";

/**
 * Records which state of the working tree the tests run on, because their results do not contain
 * it. Does nothing outside of a Git repository.
 *
 * @returns a function to call after the tests
 */
export function recordTestedState(project: string): () => void {
  const results = path.join(project, RESULTS_FILE);
  const stateFile = path.join(path.dirname(results), STATE_FILE);
  // Results of an earlier run would be wrong if this run is interrupted.
  for (const file of [results, stateFile]) rmSync(file, { force: true });
  const before = stateOf(project);
  return () => {
    const after = stateOf(project);
    if (before === undefined || after === undefined) return;
    mkdirSync(path.dirname(stateFile), { recursive: true });
    writeFileSync(stateFile, JSON.stringify({ before, after }));
  };
}

/** Throws an Error if the results are not from the current state of the working tree. */
export function assertTested(results: string, state: string): void {
  const { before, after } = recordedStates(results);
  if (before !== after) throw new Error("files changed while the tests ran: run pnpm test again");
  if (after !== state) {
    throw new Error(
      `the tests ran on ${describe(after)}, but the working tree is at ${describe(state)}: run pnpm test again`,
    );
  }
}

function recordedStates(results: string): { before: string; after: string } {
  const file = path.join(path.dirname(results), STATE_FILE);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(`${file} has no state of a complete run: run pnpm test again`);
  }
}

function describe(state: string): string {
  const [id = "", differences] = state.split("+");
  return `${id.slice(0, 12)}${differences === undefined ? "" : ` with changes (${differences.slice(0, 8)})`}`;
}

function stateOf(project: string): string | undefined {
  try {
    return commitOf(project).state;
  } catch {
    return undefined; // not a Git repository
  }
}
