import * as z from "zod/mini";

import { invalidInput } from "../input";
import { instant } from "../instant";
import type { TrafficAnswer } from "./answer";
import { BUCKET_MS, bucketAfter, bucketOf, DAY_MS, GRANULARITIES, type Granularity, RETENTION_MS } from "./bucket";
import { figuresOf, summaryOf } from "./figures";
import { readTraffic } from "./read";
import type { TrafficStore } from "./store";
import { mergeTraffic, noTraffic } from "./traffic";

const MAX_BUCKETS = 200;

export const TrafficQuery = z.strictObject({ from: z.optional(instant), to: z.optional(instant) });

/**
 * Returns the traffic from `from` (by default 24 hours before `to`) to `to` (by default, and at
 * most, now), in the finest granularity that needs at most 200 buckets. Buckets at the edges are
 * included whole, so the response's `from` and `to` may be wider than the query's.
 *
 * Throws an `AppError` of kind `input` for a range that is empty, longer than 200 days, or older
 * than the traffic that is retained.
 */
export async function trafficOver(
  input: z.output<typeof TrafficQuery>,
  store: TrafficStore,
  now: number,
): Promise<TrafficAnswer> {
  const { granularity, from, to } = rangeOf(input, now);
  const buckets = await readTraffic(granularity, from, to, store, now);
  const all = noTraffic();
  for (const traffic of buckets.values()) mergeTraffic(all, traffic);
  const starts = Array.from(
    { length: (to - from) / BUCKET_MS[granularity] },
    (_, index) => from + index * BUCKET_MS[granularity],
  );
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    granularity,
    ...summaryOf(all),
    series: starts.map((start) => ({
      start: new Date(start).toISOString(),
      ...figuresOf(buckets.get(start) ?? noTraffic()),
    })),
  };
}

interface Range {
  granularity: Granularity;
  /** Epoch milliseconds, at the start of a bucket. */
  from: number;
  to: number;
}

/** Chooses the granularity and the range of buckets for a query. Exported for tests. */
export function rangeOf(query: { from?: number | undefined; to?: number | undefined }, now: number): Range {
  const to = Math.min(query.to ?? now, now);
  const from = query.from ?? to - DAY_MS;
  if (from >= to)
    throw invalidInput([{ pointer: "/from", detail: `must be before ${query.to === to ? "/to" : "now"}` }]);
  const ranges = GRANULARITIES.map((granularity) => ({
    granularity,
    from: bucketOf(granularity, from),
    to: bucketAfter(granularity, to),
  }));
  const retained = ranges.filter(({ granularity }) => from >= now - RETENTION_MS[granularity]);
  if (retained.length === 0)
    throw invalidInput([{ pointer: "/from", detail: "must be at most 730 days ago (older traffic is deleted)" }]);
  const range = retained.find((range) => range.to - range.from <= MAX_BUCKETS * BUCKET_MS[range.granularity]);
  if (range === undefined)
    throw invalidInput([{ pointer: "/from", detail: `must be at most ${MAX_BUCKETS} days before /to` }]);
  return range;
}
