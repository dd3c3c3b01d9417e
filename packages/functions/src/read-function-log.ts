import { authorize, type MachineGrants } from "@secure-backend/core/access/access";
import { type FunctionLogs, searchFunctionLog } from "@secure-backend/core/function-log/search";

import { functionLogGroups, machineGrants } from "./environment";
import { type HttpHandler, http } from "./http";
import { cloudWatchPages, logsClient } from "./log-pages";

/** `GET /function-log`. */
export function readFunctionLog(logs: FunctionLogs, grants: MachineGrants, clock: () => number): HttpHandler {
  return http({
    "GET /function-log": async (request) => {
      authorize("traffic/read", request.claims, grants);
      return { status: 200, body: await searchFunctionLog(request.query(), logs, clock) };
    },
  });
}

const client = logsClient();

export const handler = readFunctionLog(
  { groups: functionLogGroups("FUNCTION_LOG_GROUPS"), pagesOf: (logGroup) => cloudWatchPages(client, logGroup) },
  machineGrants("MACHINE_GRANTS"),
  Date.now,
);
