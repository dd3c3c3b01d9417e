import * as operations from "@secure-backend/core/access-log/operations";
import { searchAccessLog } from "@secure-backend/core/access-log/search";
import type { ReadPage } from "@secure-backend/core/access-log/search-windows";

import { variable } from "./environment";
import { cloudWatchPages, logsClient } from "./log-pages";
import { implement, serve } from "./serve";

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
