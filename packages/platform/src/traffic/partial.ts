import { createHash } from "node:crypto";

import { bucketOf, expiryOf, keyOf, periodOf } from "./bucket";
import { encodeTraffic } from "./encoding";
import type { TrafficItem } from "./store";
import { countLine, noTraffic, type Traffic } from "./traffic";

/** One line of the access log, as CloudWatch Logs delivers it. */
export interface DeliveredLine {
  /** CloudWatch's own, unique. */
  id: string;
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

/**
 * What one delivery adds to each minute that it has lines of: a partial. The key ends in the delivery's id, the SHA-256 of its
 * sorted line ids, and the same delivery gives the same bytes: written again, it changes nothing.
 *
 * A line counts in the minute of its timestamp, which is CloudWatch's and there also for a line that cannot be read.
 */
export function partialsOf(lines: DeliveredLine[]): { minute: number; item: TrafficItem }[] {
  const minutes = new Map<number, Traffic>();
  for (const { timestamp, message } of lines) {
    const minute = bucketOf("minute", timestamp);
    const traffic = minutes.get(minute) ?? noTraffic();
    minutes.set(minute, traffic);
    countLine(traffic, message);
  }
  const delivery = deliveryId(lines);
  return [...minutes].map(([minute, traffic]) => ({
    minute,
    item: {
      pk: partialPartition(minute),
      sk: `${keyOf("minute", minute)}#${delivery}`,
      expiresAt: expiryOf("minute", minute),
      body: encodeTraffic(traffic),
    },
  }));
}

/** The partition of the partials of a minute: those of its hour. */
export function partialPartition(minute: number): string {
  return `partial#${periodOf("minute", minute)}`;
}

function deliveryId(lines: DeliveredLine[]): string {
  const ids = lines.map(({ id }) => id).sort();
  return createHash("sha256").update(ids.join("\n")).digest("hex");
}
