import { BUCKET_MS, expiryOf, type Granularity, keyOf, periodOf } from "./bucket";
import { decodeTraffic, encodeTraffic } from "./encoding";
import type { TrafficItem, TrafficStore } from "./store";
import type { Traffic } from "./traffic";

/**
 * Creates the row of a compacted bucket.
 *
 * @param version number of partials in it: a row never replaces one with more partials
 */
export function rowOf(granularity: Granularity, bucket: number, version: number, traffic: Traffic): TrafficItem {
  return {
    pk: `${granularity}#${periodOf(granularity, bucket)}`,
    sk: keyOf(granularity, bucket),
    expiresAt: expiryOf(granularity, bucket),
    version,
    body: encodeTraffic(traffic),
  };
}

/** Returns the partitions of a range of buckets, each with its first and last bucket. */
export function partitionsOf(granularity: Granularity, from: number, to: number): PartitionRange[] {
  const ranges = new Map<string, PartitionRange>();
  for (let bucket = from; bucket < to; bucket += BUCKET_MS[granularity]) {
    const period = periodOf(granularity, bucket);
    const range = ranges.get(period) ?? { period, first: bucket, last: bucket };
    range.last = bucket;
    ranges.set(period, range);
  }
  return [...ranges.values()];
}

interface PartitionRange {
  period: string;
  first: number;
  last: number;
}

export interface Row {
  item: TrafficItem;
  traffic: Traffic;
}

/** Returns the rows of the buckets from `from` to before `to`. */
export async function rowsOf(granularity: Granularity, from: number, to: number, store: TrafficStore): Promise<Row[]> {
  const read = partitionsOf(granularity, from, to).map(async ({ period, first, last }) => {
    const rows: Row[] = [];
    for await (const item of store.query(
      `${granularity}#${period}`,
      keyOf(granularity, first),
      keyOf(granularity, last),
    )) {
      rows.push({ item, traffic: decodeTraffic(item.body) });
    }
    return rows;
  });
  return (await Promise.all(read)).flat();
}
