import * as operations from "@backend/core/audit/operations";
import { type RecordDependencies, type Recorded, record } from "@backend/core/audit/record";
import { idFactory } from "@backend/platform/id";
import { days, variable } from "@backend/platform/lambda/environment";
import { implement, serve } from "@backend/platform/lambda/serve";
import { problemOf, statusOf } from "@backend/platform/problem";
import { auditStore, tableClient } from "./store";

/** Characters of the user agent that an event stores. */
const MAX_USER_AGENT = 500;

export function recordEvents(dependencies: RecordDependencies) {
  return serve(
    implement(operations.recordEvents, async ({ body, caller, headers, request }) => {
      const { id: requestId, sourceAddress: sourceIp, userAgent } = request;
      const idempotencyKey = headers["idempotency-key"];
      const recorded = await record(
        {
          ...{ body, caller, requestId, sourceIp },
          ...(userAgent !== "" && { userAgent: userAgent.slice(0, MAX_USER_AGENT) }),
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        },
        dependencies,
      );
      return Array.isArray(body) ? respondWithList(recorded, requestId) : respondWithOne(recorded);
    }),
  );
}

function respondWithOne([recorded]: Recorded[]) {
  if (recorded === undefined || "error" in recorded) throw recorded?.error;
  return { status: 201 as const, body: recorded.event };
}

/** Responds 207 if some events were not stored. A retry with the same key stores the rest. */
function respondWithList(recorded: Recorded[], requestId: string) {
  const items = recorded.map((one) =>
    "event" in one
      ? { status: 201, event: one.event }
      : { status: statusOf(one.error), problem: problemOf(one.error, requestId) },
  );
  const units = items.filter(({ status }) => status === 201).length;
  return { status: units === items.length ? (201 as const) : (207 as const), body: { items }, units };
}

export const handler = recordEvents({
  store: auditStore(tableClient(), variable("AUDIT_TABLE")),
  newId: idFactory(),
  now: Date.now,
  retentionDays: days("AUDIT_RETENTION_DAYS"),
});
