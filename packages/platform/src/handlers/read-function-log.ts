import * as operations from "../function-log/operations";
import { type FunctionLogs, searchFunctionLog } from "../function-log/search";

import { functionLogGroups } from "../lambda/environment";
import { cloudWatchPages, logsClient } from "../lambda/log-pages";
import { implement, serve } from "../lambda/serve";

/** @param clock epoch milliseconds */
export function readFunctionLog(logs: FunctionLogs, clock: () => number) {
  return serve(
    implement(operations.searchFunctionLog, async ({ query }) => ({
      status: 200,
      body: await searchFunctionLog(query, logs, clock),
    })),
  );
}

const client = logsClient();

export const handler = readFunctionLog(
  { groups: functionLogGroups("FUNCTION_LOG_GROUPS"), pagesOf: (logGroup) => cloudWatchPages(client, logGroup) },
  Date.now,
);
