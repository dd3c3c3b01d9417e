/**
 * Returns the index of the bucket under the pointer: the last one that starts before it.
 * uPlot reports the bucket with the nearest start, which can be the next one.
 *
 * @param times start of each bucket, ascending
 * @param nearest index that uPlot reports
 * @param at the pointer's position, in the unit of `times`
 */
export function bucketAt(times: number[], nearest: number, at: number): number {
  return (times[nearest] ?? 0) > at ? Math.max(0, nearest - 1) : nearest;
}
