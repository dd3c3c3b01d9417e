import { createHash } from "node:crypto";

import { bucketOf, expiryOf, keyOf, periodOf } from "./bucket";
import { encodeTraffic } from "./encoding";
import type { TrafficItem } from "./store";
import { countLine, noTraffic, type Traffic } from "./traffic";

/** One line of the access log, as CloudWatch Logs delivers it. */
export interface DeliveredLine {
  /** Unique id from CloudWatch Logs. */
  id: string;
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

/**
 * Creates the partials of a delivery: its traffic in each minute. Writing them again changes
 * nothing, because a delivery always gives the same bytes, and the key ends in the delivery's id,
 * the SHA-256 of its sorted line ids.
 *
 * A line counts in the minute of CloudWatch's timestamp, which unparseable lines have too.
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

/** Returns the partition that holds the partials of a minute's hour. */
export function partialPartition(minute: number): string {
  return `partial#${periodOf("minute", minute)}`;
}

function deliveryId(lines: DeliveredLine[]): string {
  const ids = lines.map(({ id }) => id).sort();
  return createHash("sha256").update(ids.join("\n")).digest("hex");
}
