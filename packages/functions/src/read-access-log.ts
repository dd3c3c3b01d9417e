import { authorize, type MachineGrants } from "@secure-backend/core/access/access";
import { searchAccessLog } from "@secure-backend/core/access-log/search";
import type { ReadPage } from "@secure-backend/core/access-log/search-windows";

import { machineGrants, variable } from "./environment";
import { type HttpHandler, http } from "./http";
import { cloudWatchPages, logsClient } from "./log-pages";

/** `GET /access-log`. */
export function readAccessLog(readPage: ReadPage, grants: MachineGrants, now: () => number): HttpHandler {
  return http({
    "GET /access-log": async (request) => {
      authorize("traffic/read", request.claims, grants);
      return { status: 200, body: await searchAccessLog(request.query(), readPage, now(), now) };
    },
  });
}

export const handler = readAccessLog(
  cloudWatchPages(logsClient(), variable("ACCESS_LOG_GROUP")),
  machineGrants("MACHINE_GRANTS"),
  Date.now,
);
