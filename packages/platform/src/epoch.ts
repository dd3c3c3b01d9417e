/** The largest time of a `Date`: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const MAX_EPOCH_MS = 8.64e15;

/** True if a `Date` can hold these epoch milliseconds. `Date` and `Intl` throw for all others. */
export function isTime(epoch: number): boolean {
  return Math.abs(epoch) <= MAX_EPOCH_MS;
}

/**
 * Formats epoch milliseconds as `2026-11-23T09:30:00.000Z`, or as `no valid time` if out of range.
 */
export function isoInstant(epoch: number): string {
  return isTime(epoch) ? new Date(epoch).toISOString() : "no valid time";
}
