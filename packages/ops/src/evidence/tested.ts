import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { commitOf } from "./repository";

/** What a run of the tests found, by vitest's reporter `json`. */
export const RESULTS = "node_modules/.cache/test-results.json";
/** What stood in the working tree meanwhile, beside the results. */
const TESTED = "tested.json";

/**
 * Notes what a run of the tests is of: results tell it neither by their time nor by their contents. Without a repository there is
 * nothing to note.
 *
 * @returns for the end of the run
 */
export function noteTested(project: string): () => void {
  const results = path.join(project, RESULTS);
  const note = path.join(path.dirname(results), TESTED);
  for (const file of [results, note]) rmSync(file, { force: true }); // of an earlier run, whatever becomes of this one
  const before = stateOf(project);
  return () => {
    const after = stateOf(project);
    if (before === undefined || after === undefined) return;
    mkdirSync(path.dirname(note), { recursive: true });
    writeFileSync(note, JSON.stringify({ before, after }));
  };
}

/** Throws an Error where the results are not of what the working tree holds now. */
export function assertTested(results: string, state: string): void {
  const { before, after } = noteBeside(results);
  if (before !== after) throw new Error("files changed while the tests ran: run pnpm test again");
  if (after !== state) {
    throw new Error(`the tests ran on ${shown(after)}, the working tree is at ${shown(state)}: run pnpm test again`);
  }
}

function noteBeside(results: string): { before: string; after: string } {
  const file = path.join(path.dirname(results), TESTED);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(`${file} does not say what was tested: run pnpm test again, to its end`);
  }
}

function shown(state: string): string {
  const [id = "", differences] = state.split("+");
  return `${id.slice(0, 12)}${differences === undefined ? "" : ` with changes (${differences.slice(0, 8)})`}`;
}

function stateOf(project: string): string | undefined {
  try {
    return commitOf(project).state;
  } catch {
    return undefined; // a copy without its history
  }
}
