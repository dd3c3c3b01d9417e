import { AppError } from "../error";
import { bucketOf, GRANULARITIES, type Granularity, keyOf, timeOf } from "./bucket";
import { FIRST_RUN } from "./compact";
import { decodeTraffic } from "./encoding";
import { partialPartition } from "./partial";
import { partitionsOf, rowsOf } from "./row";
import type { TrafficStore } from "./store";
import { mergeTraffic, noTraffic, type Traffic } from "./traffic";
import { readWatermark } from "./watermark";

/**
 * Partials that one answer reads at most. There are more only if no compaction has run for long: an
 * answer would read tens
 * of megabytes each time that a page asks again.
 */
export const MAX_PARTIALS = 5_000;

/** Takes what was found of a bucket, which may be smaller than those asked for. */
type Add = (bucket: number, traffic: Traffic) => void;

/**
 * The traffic between two times at which buckets of a granularity begin, by bucket. What has been
 * compacted is read from rows,
 * what has not from finer rows and, after the watermark, from partials. Which is which is settled
 * by the watermark before anything
 * is read, so that nothing is counted twice while a compaction runs.
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
  // Before the first compaction nothing is older than the first compaction would look.
  const through = watermark?.through ?? bucketOf("day", now - FIRST_RUN);
  await read(granularity, from, to, { store, through, add, partials: 0 });
  return buckets;
}

interface Reading {
  store: TrafficStore;
  through: number;
  add: Add;
  /** Read so far. */
  partials: number;
}

async function read(granularity: Granularity | undefined, from: number, to: number, reading: Reading): Promise<void> {
  if (from >= to) return;
  if (granularity === undefined) return readPartials(from, to, reading);
  const compacted = Math.max(from, bucketOf(granularity, Math.min(to, reading.through)));
  const finer = GRANULARITIES[GRANULARITIES.indexOf(granularity) - 1];
  await Promise.all([readRows(granularity, from, compacted, reading), read(finer, compacted, to, reading)]);
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
    `The traffic since ${since} has not been summed up yet. Try again in a minute, or ask with a \`to\` before that time.`,
  );
}
