import * as z from "zod/mini";

import { invalidInput } from "../input";
import { instant } from "../instant";
import type { TrafficAnswer } from "./answer";
import { bucketAfter, bucketOf, DAY, GRANULARITIES, type Granularity, KEPT, SIZE } from "./bucket";
import { figuresOf, summaryOf } from "./figures";
import { readTraffic } from "./read";
import type { TrafficStore } from "./store";
import { mergeTraffic, noTraffic } from "./traffic";

const BUCKETS = 200;

export const TrafficQuery = z.strictObject({ from: z.optional(instant), to: z.optional(instant) });

/**
 * The traffic from `from` (by default 24 hours before `to`) to `to` (by default, and at most, now),
 * in the finest buckets of which
 * at most 200 are needed. Buckets that are partly outside are answered whole: `from` and `to` of the answer are theirs.
 *
 * Throws an `AppError` of kind `input` for a range that is empty, longer than 200 days, or older
 * than what is kept.
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
    { length: (to - from) / SIZE[granularity] },
    (_, index) => from + index * SIZE[granularity],
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
  /** Epoch milliseconds, where a bucket begins. */
  from: number;
  to: number;
}

/** The buckets that answer a question. Exported for its tests. */
export function rangeOf(asked: { from?: number | undefined; to?: number | undefined }, now: number): Range {
  const to = Math.min(asked.to ?? now, now);
  const from = asked.from ?? to - DAY;
  if (from >= to)
    throw invalidInput([{ pointer: "/from", detail: `must be before ${asked.to === to ? "/to" : "now"}` }]);
  const ranges = GRANULARITIES.map((granularity) => ({
    granularity,
    from: bucketOf(granularity, from),
    to: bucketAfter(granularity, to),
  }));
  const kept = ranges.filter(({ granularity }) => from >= now - KEPT[granularity]);
  if (kept.length === 0)
    throw invalidInput([{ pointer: "/from", detail: "must be at most 730 days ago: older traffic is not kept" }]);
  const range = kept.find((range) => range.to - range.from <= BUCKETS * SIZE[range.granularity]);
  if (range === undefined)
    throw invalidInput([{ pointer: "/from", detail: `must be at most ${BUCKETS} days before /to` }]);
  return range;
}
