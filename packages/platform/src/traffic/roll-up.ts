import { isLate, lateMarker } from "./late";
import { type DeliveredLine, partialsOf } from "./partial";
import type { TrafficStore } from "./store";

/** Writes what a delivery adds to the traffic. Run again, also after it was stopped anywhere, it changes nothing more. */
export async function rollUp(lines: DeliveredLine[], store: TrafficStore, now: number): Promise<void> {
  for (const { minute, item } of partialsOf(lines)) {
    if (isLate(minute, now)) await store.put(lateMarker(minute, now));
    await store.put(item);
  }
}
