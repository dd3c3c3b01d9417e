import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { searchAccessLog } from "@secure-backend/core/access-log/search";
import type { AccessLogAnswer } from "@secure-backend/core/access-log/search-answer";

import { cloudWatchPages } from "./access-log-pages";
import { variable } from "./environment";

// A search begins its last call within 4 s; with these, it ends within 10 s.
const client = new CloudWatchLogsClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 2_000, throwOnRequestTimeout: true },
});
const readPage = cloudWatchPages(client, variable("ACCESS_LOG_GROUP"));

/** The body of `GET /access-log`. Throws an `AppError` of kind `input` or `limit`. */
export async function readAccessLog(query: Record<string, string>, now: number): Promise<AccessLogAnswer> {
  return searchAccessLog(query, readPage, now, Date.now);
}
