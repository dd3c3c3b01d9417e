import { gunzipSync } from "node:zlib";
import type { CloudWatchLogsEvent } from "aws-lambda";
import * as z from "zod/mini";
import type { DeliveredLine } from "../traffic/partial";

/** Bytes of an uncompressed delivery: far above what CloudWatch sends, far below the memory. */
const UNPACKED = 64 * 1024 * 1024;

// Epoch milliseconds. Later times have more digits in ISO 8601, and no longer sort as text.
const YEAR_10000 = 253_402_300_800_000;

const schema = z.object({
  messageType: z.enum(["DATA_MESSAGE", "CONTROL_MESSAGE"]),
  logEvents: z.array(
    z.object({ id: z.string(), timestamp: z.number().check(z.gte(0), z.lt(YEAR_10000)), message: z.string() }),
  ),
});

/**
 * Returns the lines of a log subscription's event: JSON, compressed with gzip, in base64
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html). A control
 * message, with which CloudWatch Logs tests the function, has none. Throws an Error for any other
 * event.
 */
export function linesOf(event: CloudWatchLogsEvent): DeliveredLine[] {
  const packed = Buffer.from(event.awslogs.data, "base64");
  const { messageType, logEvents } = schema.parse(
    JSON.parse(gunzipSync(packed, { maxOutputLength: UNPACKED }).toString("utf8")),
  );
  return messageType === "CONTROL_MESSAGE" ? [] : logEvents;
}
