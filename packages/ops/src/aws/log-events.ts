import { setTimeout as delay } from "node:timers/promises";

import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";

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
  /** Milliseconds between two passes. */
  interval: number;
  /** Milliseconds by which a log event may arrive late and still be seen. */
  overlap: number;
  /** Epoch milliseconds; by default AWS's clock, as far as the SDK has met it. */
  now?: () => number;
}

/**
 * Reads as `pagesOf` does, and then what is logged later, until the signal; each log event once. A
 * pass begins `overlap` before the pass before it, also where that found nothing: `now` is the time
 * that the log events are dated by.
 */
export async function* follow(
  client: CloudWatchLogsClient,
  query: LogQuery,
  { interval, overlap, now = () => Date.now() + client.config.systemClockOffset }: Pace,
  signal: AbortSignal,
): AsyncGenerator<LogEvent[]> {
  const seen = new Map<string, number>();
  let readUntil = query.from;
  while (true) {
    const from = Math.max(query.from, readUntil - overlap);
    const began = now();
    for (const [id, timestamp] of seen) if (timestamp < from) seen.delete(id);
    for await (const page of pagesOf(client, { ...query, from }, signal)) {
      const unseen = page.filter(({ id }) => !seen.has(id));
      for (const { id, timestamp } of unseen) seen.set(id, timestamp);
      yield unseen;
    }
    readUntil = Math.max(readUntil, began);
    await delay(interval, undefined, { signal });
  }
}
