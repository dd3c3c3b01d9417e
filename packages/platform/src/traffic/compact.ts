import { bucketOf, DAY, type Granularity, HOUR, keyOf, MINUTE, SIZE, timeOf } from "./bucket";
import { decodeTraffic } from "./encoding";
import { lateMinutes, SETTLED } from "./late";
import { partialPartition } from "./partial";
import { rowOf, rowsOf } from "./row";
import type { TrafficStore } from "./store";
import { mergeTraffic, noTraffic, type Traffic } from "./traffic";
import { readWatermark, writeWatermark } from "./watermark";

/** As far back as partials are kept. */
export const FIRST_RUN = 16 * DAY;

/**
 * Writes one row for each minute, hour and day that has ended: of a minute from its partials, of an hour from its minutes, of a
 * day from its hours. A row is always made whole from what lies below it, which is never deleted before, so that running twice, at
 * the same time or after having been stopped anywhere changes nothing. Minutes that got late partials are made anew.
 */
export async function compact(store: TrafficStore, now: number): Promise<void> {
  const { through, began } = (await readWatermark(store)) ?? { through: bucketOf("hour", now - FIRST_RUN), began: now };
  const end = bucketOf("minute", now - SETTLED);
  await compactLate(store, await lateMinutes(store, began, now), through);
  for (let from = through; from < end; ) {
    const to = Math.min(bucketOf("hour", from) + HOUR, end);
    await compactMinutes(store, from, to);
    if (to % HOUR === 0) await compactBucket(store, "hour", to - HOUR);
    if (to % DAY === 0) await compactBucket(store, "day", to - DAY);
    await writeWatermark(store, { through: to, began: now });
    from = to;
  }
}

async function compactLate(store: TrafficStore, minutes: Set<number>, through: number): Promise<void> {
  const late = [...minutes].filter((minute) => minute < through);
  for (const minute of late) await compactMinutes(store, minute, minute + MINUTE);
  for (const granularity of ["hour", "day"] as const) {
    const buckets = new Set(late.map((minute) => bucketOf(granularity, minute)));
    for (const bucket of buckets) {
      if (bucket + SIZE[granularity] <= through) await compactBucket(store, granularity, bucket);
    }
  }
}

/** The rows of the minutes of a range, which lies in one hour. */
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

/** The row of an hour or a day, from those of its minutes or hours. */
async function compactBucket(store: TrafficStore, granularity: "hour" | "day", bucket: number): Promise<void> {
  const finer: Granularity = granularity === "day" ? "hour" : "minute";
  const rows = await rowsOf(finer, bucket, bucket + SIZE[granularity], store);
  if (rows.length === 0) return;
  const traffic = noTraffic();
  for (const row of rows) mergeTraffic(traffic, row.traffic);
  const partials = rows.reduce((sum, { item }) => sum + (item.version ?? 0), 0);
  await store.put(rowOf(granularity, bucket, partials, traffic));
}
