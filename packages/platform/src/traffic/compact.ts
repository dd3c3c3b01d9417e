import { BUCKET_MS, bucketOf, DAY_MS, type Granularity, HOUR_MS, keyOf, MINUTE_MS, timeOf } from "./bucket";
import { decodeTraffic } from "./encoding";
import { lateMinutes, SETTLE_MS } from "./late";
import { partialPartition } from "./partial";
import { rowOf, rowsOf } from "./row";
import type { TrafficStore } from "./store";
import { mergeTraffic, noTraffic, type Traffic } from "./traffic";
import { readWatermark, writeWatermark } from "./watermark";

/** How far back the first run looks: the lifetime of partials. */
export const MAX_LOOKBACK_MS = 16 * DAY_MS;

/**
 * Writes one row for each minute, hour and day that has ended. The row of a minute is computed from
 * its partials, that of an hour from its minutes, and that of a day from its hours. Minutes with
 * late partials are computed again.
 *
 * Idempotent: each row is rebuilt from all finer rows, which outlive it. Runs may be repeated,
 * concurrent or interrupted.
 */
export async function compact(store: TrafficStore, now: number): Promise<void> {
  const { through, began } = (await readWatermark(store)) ?? {
    through: bucketOf("hour", now - MAX_LOOKBACK_MS),
    began: now,
  };
  const end = bucketOf("minute", now - SETTLE_MS);
  await compactLate(store, await lateMinutes(store, began, now), through);
  for (let from = through; from < end; ) {
    const to = Math.min(bucketOf("hour", from) + HOUR_MS, end);
    await compactMinutes(store, from, to);
    if (to % HOUR_MS === 0) await compactBucket(store, "hour", to - HOUR_MS);
    if (to % DAY_MS === 0) await compactBucket(store, "day", to - DAY_MS);
    await writeWatermark(store, { through: to, began: now });
    from = to;
  }
}

async function compactLate(store: TrafficStore, minutes: Set<number>, through: number): Promise<void> {
  const late = [...minutes].filter((minute) => minute < through);
  for (const minute of late) await compactMinutes(store, minute, minute + MINUTE_MS);
  for (const granularity of ["hour", "day"] as const) {
    const buckets = new Set(late.map((minute) => bucketOf(granularity, minute)));
    for (const bucket of buckets) {
      if (bucket + BUCKET_MS[granularity] <= through) await compactBucket(store, granularity, bucket);
    }
  }
}

/** Writes the rows of the minutes in a range within one hour. */
async function compactMinutes(store: TrafficStore, from: number, to: number): Promise<void> {
  let open: { minute: number; partials: number; traffic: Traffic } | undefined;
  const close = async () => {
    if (open !== undefined) await store.put(rowOf("minute", open.minute, open.partials, open.traffic));
  };
  for await (const { sk, body } of store.query(
    partialPartition(from),
    keyOf("minute", from),
    keyOf("minute", to - 1),
  )) {
    const minute = timeOf("minute", sk);
    if (open?.minute !== minute) {
      await close();
      open = { minute, partials: 0, traffic: noTraffic() };
    }
    open.partials += 1;
    mergeTraffic(open.traffic, decodeTraffic(body));
  }
  await close();
}

/** Writes the row of an hour or a day from the rows of its minutes or hours. */
async function compactBucket(store: TrafficStore, granularity: "hour" | "day", bucket: number): Promise<void> {
  const finer: Granularity = granularity === "day" ? "hour" : "minute";
  const rows = await rowsOf(finer, bucket, bucket + BUCKET_MS[granularity], store);
  if (rows.length === 0) return;
  const traffic = noTraffic();
  for (const row of rows) mergeTraffic(traffic, row.traffic);
  const partials = rows.reduce((sum, { item }) => sum + (item.version ?? 0), 0);
  await store.put(rowOf(granularity, bucket, partials, traffic));
}
