import { authorizeInTenant, type MachineGrants } from "@secure-backend/core/access/access";
import { BATCH_LIMIT, EVENT_LIMIT } from "@secure-backend/core/audit/event";
import { idFactory } from "@secure-backend/core/audit/id";
import { type RecordDependencies, type Recorded, record } from "@secure-backend/core/audit/record";
import { recorderOf } from "@secure-backend/core/audit/recorder";
import { problemOf, statusOf } from "@secure-backend/core/problem";

import { auditStore, tableClient } from "./audit-store";
import { days, machineGrants, variable } from "./environment";
import { type HttpHandler, type HttpRequest, http } from "./http";

/** Bytes: a full batch, with as much white space as a pretty printer makes. */
const BODY_LIMIT = 2 * BATCH_LIMIT * EVENT_LIMIT;

/** `POST /events`: one event, or a list of them. */
export function recordEvents(dependencies: RecordDependencies, grants: MachineGrants): HttpHandler {
  return http({
    "POST /events": async (request) => {
      const caller = authorizeInTenant("audit/write", request.claims, grants);
      const body = request.json(BODY_LIMIT);
      const recordedBy = recorderOf(caller, request.claims);
      const recorded = await record({ body, caller, recordedBy, ...originOf(request) }, dependencies);
      return Array.isArray(body) ? batch(recorded, request.requestId) : single(recorded);
    },
  });
}

function originOf({ requestId, sourceIp, userAgent, header }: HttpRequest) {
  const idempotencyKey = header("idempotency-key");
  return {
    requestId,
    sourceIp,
    ...(userAgent !== "" && { userAgent: userAgent.slice(0, 500) }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
}

function single([recorded]: Recorded[]) {
  if (recorded === undefined || "error" in recorded) throw recorded?.error;
  return { status: 201, body: recorded.event };
}

/** 207 where some could not be kept: the same request again, with its key, finishes the rest. */
function batch(recorded: Recorded[], requestId: string) {
  const items = recorded.map((one) =>
    "event" in one
      ? { status: 201, event: one.event }
      : { status: statusOf(one.error), problem: problemOf(one.error, requestId) },
  );
  return { status: items.every(({ status }) => status === 201) ? 201 : 207, body: { items } };
}

export const handler = recordEvents(
  {
    store: auditStore(tableClient(), variable("AUDIT_TABLE")),
    newId: idFactory(),
    now: Date.now,
    retentionDays: days("AUDIT_RETENTION_DAYS"),
  },
  machineGrants("MACHINE_GRANTS"),
);
