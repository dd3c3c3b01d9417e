import { gunzipSync } from "node:zlib";
import type { CloudWatchLogsEvent } from "aws-lambda";
import * as z from "zod/mini";
import type { DeliveredLine } from "../traffic/partial";

/** Bytes. Far above what a delivery unpacks to, far below the function's memory. */
const UNPACKED = 64 * 1024 * 1024;

// Epoch milliseconds. From then on ISO 8601 has more digits, and the order of texts is no more that of time.
const YEAR_10000 = 253_402_300_800_000;

const schema = z.object({
  messageType: z.enum(["DATA_MESSAGE", "CONTROL_MESSAGE"]),
  logEvents: z.array(
    z.object({ id: z.string(), timestamp: z.number().check(z.gte(0), z.lt(YEAR_10000)), message: z.string() }),
  ),
});

/**
 * The lines that a log subscription delivers: JSON, compressed with gzip, in base64
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html). None of a control message, with which
 * CloudWatch Logs tries whether the function can be reached. Throws an Error for anything else.
 */
export function linesOf(event: CloudWatchLogsEvent): DeliveredLine[] {
  const packed = Buffer.from(event.awslogs.data, "base64");
  const { messageType, logEvents } = schema.parse(
    JSON.parse(gunzipSync(packed, { maxOutputLength: UNPACKED }).toString("utf8")),
  );
  return messageType === "CONTROL_MESSAGE" ? [] : logEvents;
}
