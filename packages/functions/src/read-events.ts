import { authorizeInTenant, type MachineGrants } from "@secure-backend/core/access/access";
import { find, query } from "@secure-backend/core/audit/query";
import type { AuditStore } from "@secure-backend/core/audit/store";

import { auditStore, tableClient } from "./audit-store";
import { machineGrants, variable } from "./environment";
import { type HttpHandler, type HttpRequest, http } from "./http";

/** `GET /events` and `GET /events/{id}`. */
export function readEvents(store: AuditStore, grants: MachineGrants, now: () => number): HttpHandler {
  const tenantOf = ({ claims }: HttpRequest) => authorizeInTenant("audit/read", claims, grants).tenant;
  return http({
    "GET /events": async (request) => {
      const tenant = tenantOf(request);
      return { status: 200, body: await query(tenant, request.query(), store, now()) };
    },
    "GET /events/{id}": async (request) => {
      const tenant = tenantOf(request);
      return { status: 200, body: await find(tenant, request.pathParameters.id ?? "", store) };
    },
  });
}

export const handler = readEvents(
  auditStore(tableClient(), variable("AUDIT_TABLE")),
  machineGrants("MACHINE_GRANTS"),
  Date.now,
);
