import type { AccessLogEntry } from "@secure-backend/core/access-log/entry";

import type { Paint } from "./terminal";
import { oneLine, shortened } from "./text";

/** Characters of a path that are shown: 8 kB of it would hide the rest. */
const PATH_WIDTH = 100;

/** One request on one line: time, status, method, path, latency, user, request id, and why it failed. */
export function entryLine(entry: AccessLogEntry, paint: Paint): string {
  const { requestTimeEpoch, status, httpMethod = "-", path = "-", responseLatency, requestId } = entry;
  const colour = status >= 500 ? paint.red : status >= 400 ? paint.yellow : paint.green;
  const why = entry.integrationError ?? entry.authorizerError ?? entry.errorMessage;
  const words = [
    paint.dim(new Date(requestTimeEpoch).toISOString().replace("T", " ").slice(0, 23)),
    colour(String(status)),
    oneLine(httpMethod).padEnd(6),
    shortened(oneLine(path), PATH_WIDTH),
    paint.dim(`${responseLatency} ms`),
    oneLine(entry.user ?? entry.client ?? "-"),
    paint.dim(oneLine(requestId)),
    ...(why === undefined ? [] : [paint.red(shortened(oneLine(why), PATH_WIDTH))]),
  ];
  return words.join(" ");
}
