import { isLate, lateMarker } from "./late";
import { type DeliveredLine, partialsOf } from "./partial";
import type { TrafficStore } from "./store";

/** Adds a delivery to the traffic. Idempotent, even if an earlier run was interrupted. */
export async function rollUp(lines: DeliveredLine[], store: TrafficStore, now: number): Promise<void> {
  for (const { minute, item } of partialsOf(lines)) {
    if (isLate(minute, now)) await store.put(lateMarker(minute, now));
    await store.put(item);
  }
}
