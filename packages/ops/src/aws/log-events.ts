import { setTimeout as delay } from "node:timers/promises";

import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
} from "@aws-sdk/client-cloudwatch-logs";

export interface LogEvent {
  id: string;
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

export interface LogQuery {
  logGroup: string;
  /** Epoch milliseconds, inclusive. */
  from: number;
  /** Epoch milliseconds, exclusive. */
  to?: number;
  /** CloudWatch Logs filter pattern. */
  pattern?: string;
}

/** Log events page by page, oldest first. A page may be empty while there are more. */
export async function* pagesOf(
  client: CloudWatchLogsClient,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogEvent[]> {
  const { logGroup, from, to, pattern } = query;
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: logGroup,
      startTime: from,
      // Inclusive at CloudWatch Logs.
      ...(to !== undefined && { endTime: to - 1 }),
      ...(pattern !== undefined && { filterPattern: pattern }),
      ...(nextToken !== undefined && { nextToken }),
    });
    const page = await client.send(command, { abortSignal: signal });
    yield (page.events ?? []).map(({ eventId = "", timestamp = 0, message = "" }) => ({
      id: eventId,
      timestamp,
      message,
    }));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

export interface Pace {
  /** Milliseconds between two looks. */
  interval: number;
  /** Milliseconds that a log event may arrive behind a later one and still be seen. */
  overlap: number;
}

/** Like `pagesOf`, and then what comes, until the signal; each log event once. */
export async function* follow(
  client: CloudWatchLogsClient,
  query: LogQuery,
  { interval, overlap }: Pace,
  signal: AbortSignal,
): AsyncGenerator<LogEvent[]> {
  const seen = new Map<string, number>();
  let newest = query.from;
  while (true) {
    const from = Math.max(query.from, newest - overlap);
    for (const [id, timestamp] of seen) if (timestamp < from) seen.delete(id);
    for await (const page of pagesOf(client, { ...query, from }, signal)) {
      const unseen = page.filter(({ id }) => !seen.has(id));
      for (const { id, timestamp } of unseen) {
        seen.set(id, timestamp);
        newest = Math.max(newest, timestamp);
      }
      yield unseen;
    }
    await delay(interval, undefined, { signal });
  }
}

/** Names of the log groups of this stage's functions, by the pattern that `infra/function.ts` gives their names. */
export async function functionLogGroups(
  client: CloudWatchLogsClient,
  stage: string,
  signal: AbortSignal,
): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateDescribeLogGroups(
    { client },
    { logGroupNamePrefix: "/aws/lambda/" },
    { abortSignal: signal },
  )) {
    for (const { logGroupName = "" } of page.logGroups ?? []) {
      if (logGroupName.endsWith(`-${stage}`)) names.push(logGroupName);
    }
  }
  return names;
}
