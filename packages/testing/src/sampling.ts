import process from "node:process";

/**
 * The seed of this run's random tests. vitest.config.ts chooses one for each run and prints it;
 * `TEST_SEED=<seed> pnpm test <file>` repeats a run.
 */
export const SEED = Number(process.env.TEST_SEED ?? 1);

/**
 * Returns parameters for `fc.assert`: the number of cases and the seed.
 *
 * `pnpm test` tries `suite` cases. `pnpm soak properties` tries `soak` cases of each test that has
 * the tag "sampled".
 */
export function sampled({ suite, soak }: { suite: number; soak: number }): { numRuns: number; seed: number } {
  return { numRuns: process.env.TEST_SAMPLES === "all" ? soak : suite, seed: SEED };
}
