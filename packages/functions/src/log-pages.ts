import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ReadPage } from "@secure-backend/core/access-log/search-windows";

import { awsClientConfig, SEARCH_LIMITS } from "./aws-client";

export function logsClient(): CloudWatchLogsClient {
  return new CloudWatchLogsClient(awsClientConfig(SEARCH_LIMITS));
}

/**
 * A log group as CloudWatch Logs has it. "busy" where it throttles, which it does from a few calls
 * a second on, or does not answer.
 */
export function cloudWatchPages(client: CloudWatchLogsClient, logGroupName: string): ReadPage {
  return async ({ from, to, pattern, token }) => {
    try {
      const { events = [], nextToken } = await client.send(
        new FilterLogEventsCommand({
          logGroupName,
          startTime: from,
          endTime: to - 1, // is searched too
          ...(pattern !== undefined && { filterPattern: pattern }),
          ...(token !== undefined && { nextToken: token }),
        }),
      );
      const lines = events.map(({ timestamp = 0, message = "" }) => ({ timestamp, message }));
      return { lines, ...(nextToken !== undefined && { token: nextToken }) };
    } catch (error) {
      if (error instanceof Error && BUSY.has(error.name)) return "busy";
      throw error;
    }
  };
}

const BUSY = new Set(["ThrottlingException", "ServiceUnavailableException", "TimeoutError"]);
