import { AppError } from "../error";
import { bucketOf, GRANULARITIES, type Granularity, keyOf, timeOf } from "./bucket";
import { MAX_LOOKBACK_MS } from "./compact";
import { decodeTraffic } from "./encoding";
import { partialPartition } from "./partial";
import { partitionsOf, rowsOf } from "./row";
import type { TrafficStore } from "./store";
import { mergeTraffic, noTraffic, type Traffic } from "./traffic";
import { readWatermark } from "./watermark";

/**
 * Limits the partials that a query reads. There are more only if compaction has stopped. Every
 * refresh of a page would then read tens of megabytes.
 */
export const MAX_PARTIALS = 5_000;

/** Adds the traffic of a bucket, which may be finer than the requested granularity. */
type Add = (bucket: number, traffic: Traffic) => void;

/**
 * Returns the traffic by bucket. `from` and `to` must be starts of buckets. Reads compacted buckets
 * from their rows, the rest from finer rows and, after the watermark, from partials. The watermark
 * is read first, so nothing is counted twice while a compaction runs.
 */
export async function readTraffic(
  granularity: Granularity,
  from: number,
  to: number,
  store: TrafficStore,
  now: number,
): Promise<Map<number, Traffic>> {
  const watermark = await readWatermark(store);
  const buckets = new Map<number, Traffic>();
  const add: Add = (time, traffic) => {
    const bucket = bucketOf(granularity, time);
    const found = buckets.get(bucket) ?? noTraffic();
    buckets.set(bucket, found);
    mergeTraffic(found, traffic);
  };
  // Before the first compaction, read everything that the first compaction would read.
  const through = watermark?.through ?? bucketOf("day", now - MAX_LOOKBACK_MS);
  await readLevel(granularity, from, to, { store, through, add, partials: 0 });
  return buckets;
}

interface Reading {
  store: TrafficStore;
  through: number;
  add: Add;
  /** Number of partials read so far. */
  partials: number;
}

async function readLevel(
  granularity: Granularity | undefined,
  from: number,
  to: number,
  reading: Reading,
): Promise<void> {
  if (from >= to) return;
  if (granularity === undefined) return readPartials(from, to, reading);
  const compacted = Math.max(from, bucketOf(granularity, Math.min(to, reading.through)));
  const finer = GRANULARITIES[GRANULARITIES.indexOf(granularity) - 1];
  await Promise.all([readRows(granularity, from, compacted, reading), readLevel(finer, compacted, to, reading)]);
}

async function readRows(granularity: Granularity, from: number, to: number, { store, add }: Reading): Promise<void> {
  for (const { item, traffic } of await rowsOf(granularity, from, to, store))
    add(timeOf(granularity, item.sk), traffic);
}

async function readPartials(from: number, to: number, reading: Reading): Promise<void> {
  const { store, add } = reading;
  const hours = partitionsOf("minute", from, to).map(async ({ first, last }) => {
    const partials = store.query(partialPartition(first), keyOf("minute", first), keyOf("minute", last));
    for await (const { sk, body } of partials) {
      reading.partials += 1;
      if (reading.partials > MAX_PARTIALS) throw notCompacted(reading.through);
      add(timeOf("minute", sk), decodeTraffic(body));
    }
  });
  await Promise.all(hours);
}

function notCompacted(through: number): AppError {
  const since = new Date(through).toISOString();
  return new AppError(
    "unavailable",
    "traffic.not-compacted",
    `The traffic since ${since} is not aggregated yet. Try again in a minute, or set \`to\` to an earlier time.`,
  );
}
