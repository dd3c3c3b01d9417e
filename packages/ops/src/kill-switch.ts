import { UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import type { Account } from "./aws/account";
import type { Declared, DeclaredFunction } from "./declared";
import type { Environment } from "./environment";
import { explained } from "./explained";
import { paintFor } from "./terminal";
import { safeJson } from "./text";

/** What happened to a function's reserved concurrency; undefined stands for none. */
export interface Change {
  function: string;
  before?: number | undefined;
  after?: number | undefined;
  error?: string;
}

/**
 * Returns the function of this name, in sst.config.ts or AWS. Throws a UsageError that lists all.
 */
export function functionNamed({ functions }: Declared, name: string): DeclaredFunction {
  const found = functions.find((candidate) => name === candidate.name || name === candidate.logicalName);
  if (found !== undefined) return found;
  const names = functions.map(({ logicalName }) => logicalName).join(", ");
  throw new UsageError(`${oneLine(name)}: expected a function of the stage: ${names}`);
}

/** Sets the reserved concurrency of each function, also after one has failed. */
export async function reserve(
  account: Account,
  functions: DeclaredFunction[],
  limitOf: (declared: DeclaredFunction) => number | undefined,
  signal: AbortSignal,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const declared of functions) {
    const { name } = declared;
    const after = limitOf(declared);
    try {
      const before = await account.reservedConcurrency(name);
      if (before !== after) await account.reserveConcurrency(name, after);
      changes.push({ function: name, before, after });
    } catch (error) {
      signal.throwIfAborted();
      changes.push({ function: name, error: explained(error) });
    }
  }
  return changes;
}

/** Shows the changes, and returns the exit code. */
export function report(
  changes: Change[],
  { json, stage, done, next }: { json: boolean; stage: string; done: string; next: string },
  { stdout, env }: Environment,
): number {
  const failed = changes.filter(({ error }) => error !== undefined);
  if (json) stdout.write(`${safeJson({ stage, changes }, 2)}\n`);
  else {
    const paint = paintFor(stdout, env);
    const width = Math.max(...changes.map((change) => change.function.length));
    for (const { function: name, before, after, error } of changes) {
      const verdict = error === undefined ? paint.green(done.padEnd(8)) : paint.red("failed".padEnd(8));
      const detail =
        error ?? (before === after ? `was so before: ${limit(after)}` : `${limit(before)} -> ${limit(after)}`);
      stdout.write(`${verdict} ${name.padEnd(width)}  ${oneLine(detail)}\n`);
    }
    if (failed.length < changes.length) stdout.write(`\n${next}\n`);
  }
  return failed.length > 0 ? 1 : 0;
}

function limit(reserved: number | undefined): string {
  return reserved === undefined ? "no limit" : `${reserved} at once`;
}
