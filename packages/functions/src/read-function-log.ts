import * as operations from "@secure-backend/core/function-log/operations";
import { type FunctionLogs, searchFunctionLog } from "@secure-backend/core/function-log/search";

import { functionLogGroups } from "./environment";
import { cloudWatchPages, logsClient } from "./log-pages";
import { implement, serve } from "./serve";

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
