import { bucketOf, expiryOf, HOUR, keyOf, MINUTE, timeOf } from "./bucket";
import type { TrafficItem, TrafficStore } from "./store";

/** Minutes are compacted when they ended this long ago. Most deliveries arrive within seconds. */
export const SETTLED = 5 * MINUTE;

/**
 * A partial written so long after its minute ended may come after the minute's compaction. The rest up to `SETTLED` is for what
 * lies between looking at the clock and the end of the write: RollUpTraffic must time out within 2 minutes.
 */
const LATE = 3 * MINUTE;

export function isLate(minute: number, now: number): boolean {
  return now >= minute + MINUTE + LATE;
}

/** Tells the next compaction to make a minute anew. Written before the partial, so that none is without it. */
export function lateMarker(minute: number, now: number): TrafficItem {
  const expiresAt = expiryOf("minute", bucketOf("minute", now));
  return { pk: partition(now), sk: keyOf("minute", minute), expiresAt, body: "" };
}

/** The minutes that were marked since a time, and for an hour before it: a partial may have been written after its marker was read. */
export async function lateMinutes(store: TrafficStore, since: number, now: number): Promise<Set<number>> {
  const found = new Set<number>();
  for (let hour = since - HOUR; hour < now + HOUR; hour += HOUR) {
    for await (const { sk } of store.query(partition(hour), "0", "9")) found.add(timeOf("minute", sk));
  }
  return found;
}

function partition(time: number): string {
  return `late#${keyOf("hour", time)}`;
}
