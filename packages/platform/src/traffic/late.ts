import { bucketOf, expiryOf, HOUR, keyOf, MINUTE, timeOf } from "./bucket";
import type { TrafficItem, TrafficStore } from "./store";

/**
 * A minute is compacted when it ended this long ago. Most deliveries arrive within seconds. `GET /traffic` reads every
 * partial of younger minutes, so that a longer time costs more at each read.
 */
export const SETTLED = 3 * MINUTE;

/** A partial that is written this long after its minute ended may come after the minute's compaction: it is marked. */
const LATE = MINUTE;

/**
 * From the look at the clock to the end of the write: RollUpTraffic must time out within this time,
 * and clocks may differ
 * by the rest of it.
 */
const WRITING = SETTLED - LATE;

export function isLate(minute: number, now: number): boolean {
  return now >= minute + MINUTE + LATE;
}

/**
 * Tells the next compactions to make the row of a minute again. Written before the partial, so that no late partial is
 * without a marker. Its version is the time, so that the latest marker of a minute stays.
 */
export function lateMarker(minute: number, now: number): TrafficItem {
  const expiresAt = expiryOf("minute", bucketOf("minute", now));
  return { pk: partition(now), sk: keyOf("minute", minute), expiresAt, version: now, body: "" };
}

/**
 * Returns the minutes that were marked since a time, or shortly before it: a partial may have been written after its
 * marker was read. Older markers have been dealt with, however often compaction runs.
 */
export async function lateMinutes(store: TrafficStore, since: number, now: number): Promise<Set<number>> {
  const first = since - WRITING;
  const found = new Set<number>();
  for (let hour = bucketOf("hour", first); hour <= now + WRITING; hour += HOUR) {
    for await (const { sk, version = first } of store.query(partition(hour), "0", "9")) {
      if (version >= first) found.add(timeOf("minute", sk));
    }
  }
  return found;
}

function partition(time: number): string {
  return `late#${keyOf("hour", time)}`;
}
