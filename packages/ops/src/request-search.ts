import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { readAccessLogLine } from "@secure-backend/core/access-log/analysis/read-line";
import type { AccessLogEntry } from "@secure-backend/core/access-log/entry";

import { termPattern } from "./aws/filter-pattern";
import { functionLogGroups, type LogEvent, type LogQuery, pagesOf } from "./aws/log-events";
import { entryFilter } from "./entry-filter";

export interface FunctionRecord extends LogEvent {
  logGroup: string;
}

/** Finds the access-log line of one request. */
export async function findEntry(
  client: CloudWatchLogsClient,
  range: Omit<LogQuery, "pattern">,
  requestId: string,
  signal: AbortSignal,
): Promise<AccessLogEntry | undefined> {
  const { pattern, matches } = entryFilter({ request: requestId });
  for await (const page of pagesOf(client, { ...range, ...(pattern !== undefined && { pattern }) }, signal)) {
    for (const { message } of page) {
      const parsed = readAccessLogLine(message, {});
      if (parsed.ok && matches(parsed.entry)) return parsed.entry;
    }
  }
  return undefined;
}

/** Finds what the stage's functions logged for a request, by Lambda's request id; oldest first. */
export async function findRecords(
  client: CloudWatchLogsClient,
  stage: string,
  range: Pick<LogQuery, "from" | "to">,
  integrationRequestId: string,
  signal: AbortSignal,
): Promise<FunctionRecord[]> {
  const records: FunctionRecord[] = [];
  for (const logGroup of await functionLogGroups(client, stage, signal)) {
    const query = { ...range, logGroup, pattern: termPattern(integrationRequestId) };
    for await (const page of pagesOf(client, query, signal)) {
      records.push(...page.map((logEvent) => ({ ...logEvent, logGroup })));
    }
  }
  return records.sort((a, b) => a.timestamp - b.timestamp);
}
