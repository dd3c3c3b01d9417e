import { bucketOf, expiryOf, HOUR_MS, keyOf, MINUTE_MS, timeOf } from "./bucket";
import type { TrafficItem, TrafficStore } from "./store";

/**
 * How long after its end a minute is compacted. Most deliveries arrive within seconds. A longer
 * time would make `GET /traffic` more expensive, because it reads every partial of younger minutes.
 */
export const SETTLE_MS = 3 * MINUTE_MS;

/** From this time after its minute's end, a partial may miss the compaction and gets a marker. */
const LATE_AFTER_MS = MINUTE_MS;

/**
 * The longest time from reading the clock to the end of a write. It must cover the timeout of
 * RollUpTraffic and the difference between clocks.
 */
const MAX_WRITE_MS = SETTLE_MS - LATE_AFTER_MS;

export function isLate(minute: number, now: number): boolean {
  return now >= minute + MINUTE_MS + LATE_AFTER_MS;
}

/**
 * Creates the marker that makes the next compactions compute a minute again. It must be written
 * before the partial, so that every late partial has one. Its version is the time: the latest
 * marker wins.
 */
export function lateMarker(minute: number, now: number): TrafficItem {
  const expiresAt = expiryOf("minute", bucketOf("minute", now));
  return { pk: partition(now), sk: keyOf("minute", minute), expiresAt, version: now, body: "" };
}

/**
 * Returns the minutes with a marker since a time or shortly before it, because a partial may have
 * been written after its marker was read. Earlier runs have handled older markers.
 */
export async function lateMinutes(store: TrafficStore, since: number, now: number): Promise<Set<number>> {
  const first = since - MAX_WRITE_MS;
  const found = new Set<number>();
  for (let hour = bucketOf("hour", first); hour <= now + MAX_WRITE_MS; hour += HOUR_MS) {
    for await (const { sk, version = first } of store.query(partition(hour), "0", "9")) {
      if (version >= first) found.add(timeOf("minute", sk));
    }
  }
  return found;
}

function partition(time: number): string {
  return `late#${keyOf("hour", time)}`;
}
