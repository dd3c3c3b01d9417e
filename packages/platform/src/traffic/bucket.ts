/** Finest first. */
export const GRANULARITIES = ["minute", "hour", "day"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Milliseconds. Buckets begin at multiples of it, in UTC. */
export const SIZE: Record<Granularity, number> = { minute: MINUTE, hour: HOUR, day: DAY };

/** How long each can be asked for, in milliseconds. */
export const KEPT: Record<Granularity, number> = { minute: 2 * DAY, hour: 90 * DAY, day: 730 * DAY };

/**
 * How long partials and rows of minutes stay in the table: hours are counted from them, and a delivery can come back from its
 * dead-letter queue, which holds messages for at most 14 days, long after minutes are of interest.
 */
const REPLAYABLE = 16 * DAY;

/** The beginning of the bucket that a time is in. Times are epoch milliseconds. */
export function bucketOf(granularity: Granularity, time: number): number {
  return Math.floor(time / SIZE[granularity]) * SIZE[granularity];
}

/** The beginning of the bucket after the one that a time is in, or the time itself where a bucket begins. */
export function bucketAfter(granularity: Granularity, time: number): number {
  return Math.ceil(time / SIZE[granularity]) * SIZE[granularity];
}

/** When DynamoDB may delete what belongs to a bucket, in epoch seconds. */
export function expiryOf(granularity: Granularity, bucket: number): number {
  const kept = granularity === "minute" ? REPLAYABLE : KEPT[granularity];
  return (bucket + SIZE[granularity] + kept) / 1000;
}

// What ISO 8601 has of a bucket, and of the larger one whose partition it is in: 2026-11-23T09:30 in 2026-11-23T09.
const KEY_LENGTH: Record<Granularity, number> = { minute: 16, hour: 13, day: 10 };

/** The sort key of a bucket: a prefix of ISO 8601, so that the order of keys is that of time. */
export function keyOf(granularity: Granularity, bucket: number): string {
  return new Date(bucket).toISOString().slice(0, KEY_LENGTH[granularity]);
}

/** The time of a sort key that begins with a bucket's. */
export function timeOf(granularity: Granularity, key: string): number {
  return Date.parse(`${key.slice(0, KEY_LENGTH[granularity])}${MISSING[granularity]}`);
}

const MISSING: Record<Granularity, string> = { minute: ":00Z", hour: ":00:00Z", day: "T00:00:00Z" };

/** The end of a partition's name for a bucket: the hour of a minute, the day of an hour, the month of a day. */
export function periodOf(granularity: Granularity, bucket: number): string {
  return keyOf(granularity, bucket).slice(0, -3);
}
