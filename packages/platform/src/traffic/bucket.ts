/** Finest first. */
export const GRANULARITIES = ["minute", "hour", "day"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Length of a bucket. Buckets start at multiples of it, in UTC. */
export const BUCKET_MS: Record<Granularity, number> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

/** How long the traffic of each granularity can be queried. */
export const RETENTION_MS: Record<Granularity, number> = { minute: 2 * DAY_MS, hour: 90 * DAY_MS, day: 730 * DAY_MS };

/**
 * How long partials and rows of minutes stay in the table. Hours are computed from them, and a
 * delivery may be replayed from the dead-letter queue, which keeps messages for at most 14 days.
 */
const MINUTE_EXPIRY_MS = 16 * DAY_MS;

/** Returns the start of the bucket that contains a time. Times are epoch milliseconds. */
export function bucketOf(granularity: Granularity, time: number): number {
  return Math.floor(time / BUCKET_MS[granularity]) * BUCKET_MS[granularity];
}

/** Returns the first start of a bucket at or after a time. */
export function bucketAfter(granularity: Granularity, time: number): number {
  return Math.ceil(time / BUCKET_MS[granularity]) * BUCKET_MS[granularity];
}

/** Returns when DynamoDB may delete the items of a bucket, in epoch seconds. */
export function expiryOf(granularity: Granularity, bucket: number): number {
  const lifetimeMs = granularity === "minute" ? MINUTE_EXPIRY_MS : RETENTION_MS[granularity];
  return (bucket + BUCKET_MS[granularity] + lifetimeMs) / 1000;
}

// Characters of ISO 8601 in a bucket's key, such as 2026-11-23T09:30 for a minute.
const KEY_LENGTH: Record<Granularity, number> = { minute: 16, hour: 13, day: 10 };

/** Returns the sort key of a bucket: a prefix of ISO 8601, so that keys sort by time. */
export function keyOf(granularity: Granularity, bucket: number): string {
  return new Date(bucket).toISOString().slice(0, KEY_LENGTH[granularity]);
}

/** Returns the start of the bucket whose key a sort key starts with. */
export function timeOf(granularity: Granularity, key: string): number {
  return Date.parse(`${key.slice(0, KEY_LENGTH[granularity])}${KEY_SUFFIX[granularity]}`);
}

const KEY_SUFFIX: Record<Granularity, string> = { minute: ":00Z", hour: ":00:00Z", day: "T00:00:00Z" };

/**
 * Returns the period of a bucket's partition: an hour for minutes, a day for hours, a month for
 * days.
 */
export function periodOf(granularity: Granularity, bucket: number): string {
  return keyOf(granularity, bucket).slice(0, -3);
}
