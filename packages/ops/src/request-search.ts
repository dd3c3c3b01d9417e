import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { readAccessLogLine } from "@backend/platform/access-log/analysis/read-line";
import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { recordQuery } from "@backend/platform/function-log/search";

import { type LogEvent, type LogQuery, pagesOf } from "./aws/log-events";
import { declaredBy } from "./declared";
import { entryFilter } from "./entry-filter";
import type { Target } from "./target";

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

/** Names of the log groups of the app's functions, by the deployment graph. */
export function functionLogGroups({ project, stage }: Target): string[] {
  return declaredBy(project, stage)
    .logGroups.map(({ name }) => name)
    .filter((name) => name.startsWith("/aws/lambda/"));
}

/**
 * Finds what functions logged for a request in the minutes around it; oldest first. Skips a log
 * group that is not there.
 *
 * @param invocation Lambda's request id
 * @param at when the request arrived, in epoch milliseconds
 */
export async function findRecords(
  client: CloudWatchLogsClient,
  logGroups: string[],
  invocation: string,
  at: number,
  signal: AbortSignal,
): Promise<FunctionRecord[]> {
  const query = recordQuery(invocation, at);
  if (query === undefined) return [];
  const records: FunctionRecord[] = [];
  for (const logGroup of logGroups) {
    try {
      for await (const page of pagesOf(client, { ...query, logGroup }, signal)) {
        records.push(...page.map((logEvent) => ({ ...logEvent, logGroup })));
      }
    } catch (error) {
      if (!(error instanceof Error && error.name === "ResourceNotFoundException")) throw error;
    }
  }
  return records.sort((a, b) => a.timestamp - b.timestamp);
}
