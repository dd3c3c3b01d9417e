import * as operations from "../access-log/operations";
import { searchAccessLog } from "../access-log/search";
import type { ReadPage } from "../access-log/search-windows";

import { variable } from "../lambda/environment";
import { cloudWatchPages, logsClient } from "../lambda/log-pages";
import { implement, serve } from "../lambda/serve";

/** @param now epoch milliseconds */
export function readAccessLog(readPage: ReadPage, now: () => number) {
  return serve(
    implement(operations.searchAccessLog, async ({ query }) => ({
      status: 200,
      body: await searchAccessLog(query, readPage, now(), now),
    })),
  );
}

export const handler = readAccessLog(cloudWatchPages(logsClient(), variable("ACCESS_LOG_GROUP")), Date.now);
