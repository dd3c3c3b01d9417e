import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { isoInstant } from "@backend/platform/epoch";
import { oneLine } from "@backend/sst-graph/printable";

import { milliseconds } from "./report/numbers";
import type { Paint } from "./terminal";
import { shortened } from "./text";

/** Characters of a path. Longer ones are cut, so that the rest of the line stays visible. */
const PATH_CHARACTERS = 100;

/**
 * Formats a request as one line: time, status, method, path, latency, user, request id, and why it
 * failed.
 */
export function entryLine(entry: AccessLogEntry, paint: Paint): string {
  const { requestTimeEpoch, status, httpMethod = "-", path = "-", responseLatency, requestId } = entry;
  const colour = status >= 500 ? paint.red : status >= 400 ? paint.yellow : paint.green;
  const why = entry.integrationError ?? entry.authorizerError ?? entry.errorMessage;
  const words = [
    paint.dim(isoInstant(requestTimeEpoch).replace("T", " ").slice(0, 23)),
    colour(String(status)),
    oneLine(httpMethod).padEnd(6),
    shortened(oneLine(path), PATH_CHARACTERS),
    paint.dim(milliseconds(responseLatency)),
    oneLine(entry.user ?? entry.client ?? "-"),
    paint.dim(oneLine(requestId)),
    ...(why === undefined ? [] : [paint.red(shortened(oneLine(why), PATH_CHARACTERS))]),
  ];
  return words.join(" ");
}
