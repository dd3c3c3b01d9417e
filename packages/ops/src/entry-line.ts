import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { isoInstant } from "@backend/platform/epoch";
import { formatRequest, type RowOptions } from "@backend/sst-graph/request-row";

/** Formats a request for the terminal. The time is UTC, as `11-23 09:30:00Z`. */
export function entryLine(entry: AccessLogEntry, options: RowOptions): string {
  const { requestTimeEpoch, status, httpMethod = "-", path = "-", responseLatency, requestId } = entry;
  const row = {
    time: `${isoInstant(requestTimeEpoch).slice(5, 19).replace("T", " ")}Z`,
    status,
    method: httpMethod,
    target: path,
    latencyMs: responseLatency,
    requestId,
    caller: entry.user ?? entry.client,
    reason: entry.integrationError ?? entry.authorizerError ?? entry.errorMessage,
  };
  return formatRequest(row, options);
}
