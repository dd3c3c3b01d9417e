import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ReadPage } from "../access-log/search-windows";

import { awsClientConfig, orUnavailable, SEARCH_LIMITS } from "./aws-client";

export function logsClient(): CloudWatchLogsClient {
  return new CloudWatchLogsClient(awsClientConfig(SEARCH_LIMITS));
}

/**
 * Reads pages of a log group. Returns "busy" if CloudWatch Logs throttles, which a few calls a
 * second are enough for. Throws an `AppError` of kind `unavailable` if it does not respond.
 */
export function cloudWatchPages(client: CloudWatchLogsClient, logGroupName: string): ReadPage {
  return (request) => orUnavailable("CloudWatch Logs", readPage(request));

  async function readPage({ from, to, pattern, token }: Parameters<ReadPage>[0]): ReturnType<ReadPage> {
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
      if (error instanceof Error && error.name === "ThrottlingException") return "busy";
      throw error;
    }
  }
}
