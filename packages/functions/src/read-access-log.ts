import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { authorize, type MachineGrants } from "@secure-backend/core/access/access";
import { searchAccessLog } from "@secure-backend/core/access-log/search";
import type { ReadPage } from "@secure-backend/core/access-log/search-windows";

import { cloudWatchPages } from "./access-log-pages";
import { machineGrants, variable } from "./environment";
import { type HttpHandler, http } from "./http";

/** `GET /access-log`. */
export function readAccessLog(readPage: ReadPage, grants: MachineGrants, now: () => number): HttpHandler {
  return http({
    "GET /access-log": async (request) => {
      authorize("traffic/read", request.claims, grants);
      return { status: 200, body: await searchAccessLog(request.query(), readPage, now(), now) };
    },
  });
}

// A search begins its last call within 4 s; with these, it ends within 10 s.
const client = new CloudWatchLogsClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 2_000, throwOnRequestTimeout: true },
});

export const handler = readAccessLog(
  cloudWatchPages(client, variable("ACCESS_LOG_GROUP")),
  machineGrants("MACHINE_GRANTS"),
  Date.now,
);
