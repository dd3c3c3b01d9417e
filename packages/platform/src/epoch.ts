/** https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LARGEST_TIME = 8.64e15;

/** True for epoch milliseconds that a date can have. `Date` and `Intl` throw for all others. */
export function isTime(epoch: number): boolean {
  return Math.abs(epoch) <= LARGEST_TIME;
}

/** Formats epoch milliseconds as `2026-11-23T09:30:00.000Z`, and as `no valid time` where a date cannot have them. */
export function isoInstant(epoch: number): string {
  return isTime(epoch) ? new Date(epoch).toISOString() : "no valid time";
}
