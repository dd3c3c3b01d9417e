import * as operations from "@backend/core/audit/operations";
import { find, query as findEvents } from "@backend/core/audit/query";
import type { AuditStore } from "@backend/core/audit/store";
import { variable } from "@backend/platform/lambda/environment";
import { implement, serve } from "@backend/platform/lambda/serve";
import { auditStore, tableClient } from "./store";

/** @param now epoch milliseconds */
export function readEvents(store: AuditStore, now: () => number) {
  return serve(
    implement(operations.listEvents, async ({ caller, query }) => ({
      status: 200,
      body: await findEvents(caller.tenant, query, store, now()),
    })),
    implement(operations.getEvent, async ({ caller, path }) => ({
      status: 200,
      body: await find(caller.tenant, path.id, store),
    })),
  );
}

export const handler = readEvents(auditStore(tableClient(), variable("AUDIT_TABLE")), Date.now);
