import { document, FORBIDDEN } from "@backend/platform/api/document";
import { describeParameters, nameSchema, SCHEMAS } from "@backend/platform/api/schemas";
import { AuditPage, RecordedEvent, RecordedEvents } from "./answers";
import {
  AuditEvent,
  ListedAuditEvent,
  METADATA_LIMIT,
  NewAuditEvent,
  NewAuditEvents,
  Outcome,
  Party,
  Recorder,
} from "./event";
import { getEvent, listEvents, recordEvents } from "./operations";
import { AuditQuery } from "./query";

const paid = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada", name: "Ada" },
  targets: [{ type: "invoice", id: "2026-0042" }],
  outcome: "success",
  occurredAt: "2026-11-23T09:30:00Z",
  metadata: { amount: "12.50" },
};
const denied = { ...paid, action: "invoice.deleted", outcome: "denied", metadata: {} };

/** Texts and examples of the operations, for OpenAPI and tests. */
export const AUDIT_DOCS = [
  document(recordEvents, {
    summary: "Record audit events (1–25)",
    description: [
      "Stored for the token's tenant.",
      "With an `Idempotency-Key`, repeating a request within 24 hours returns the first result",
      "and completes anything that failed.",
      "The order of properties doesn't matter.",
    ].join(" "),
    headers: { "idempotency-key": "Any unique string, 1–255 visible ASCII characters." },
    answers: {
      201: "The stored event, or the result of each item of a list",
      207: "Some items of the list could not be stored; each item has its status",
      400: "Invalid body; `errors` lists each problem",
      403: FORBIDDEN,
      413: "The body is larger than 3.2 MB",
      415: "The body is not `application/json`",
      422: "The `Idempotency-Key` was already used with a different body",
      503: "The audit trail is unavailable; try again",
    },
    examples: {
      one: { summary: "One event", body: paid, status: 201 },
      list: { summary: "Two events", body: [paid, denied], status: 201 },
      tenant: { summary: "Unexpected field", body: { ...paid, tenant: "globex" }, status: 400 },
    },
  }),
  document(listEvents, {
    summary: "List audit events",
    description: [
      "Events of the token's tenant, newest first.",
      "They are in the order of their ids: an event is stored at most 5 minutes after the time in its id.",
      "The filters `actor` and `action` use an index. Other filters are applied afterwards.",
    ].join(" "),
    answers: {
      200: "A page of events",
      400: "Invalid parameter; `errors` names it",
      403: FORBIDDEN,
      503: "The audit trail is unavailable; try again",
    },
    examples: {
      newest: { summary: "Latest", query: { limit: "10" }, status: 200 },
      actor: { summary: "By actor", query: { actor: "user:ada" }, status: 200 },
      whole: { summary: "All fields", query: { fields: "all", limit: "200" }, status: 200 },
      denied: { summary: "Denied", query: { action: "invoice.*", outcome: "denied" }, status: 200 },
      unknown: { summary: "Unknown parameter", query: { tenant: "globex" }, status: 400 },
    },
  }),
  document(getEvent, {
    summary: "Get an audit event",
    path: { id: "Id of the event" },
    answers: {
      200: "The event",
      400: "You belong to several tenants; name one in `x-tenant`",
      403: FORBIDDEN,
      404: "Event not found",
      503: "The audit trail is unavailable; try again",
    },
    examples: { nobodys: { summary: "Unknown id", path: { id: "01KAR9Z0000000000000000000" }, status: 404 } },
  }),
];

nameSchema(Party, "Party", "An actor or a target. `type` is a word such as `user`; `id` is your own id for it.");
nameSchema(
  Recorder,
  "Recorder",
  [
    "Who recorded the event, from the token: a user (`sub`) or a machine client. `client`",
    "is the client that the token was issued to.",
  ].join(" "),
);
nameSchema(Outcome, "Outcome", "`denied` means that a permission was missing.");
nameSchema(NewAuditEvent, "NewAuditEvent", "Who did what, to what, and with what outcome. At most 64 KB as JSON.");
nameSchema(NewAuditEvents, "NewAuditEvents", "If one event is invalid, the whole list is rejected.");
nameSchema(ListedAuditEvent, "ListedAuditEvent", "An event with the fields of a list.");
nameSchema(
  AuditEvent,
  "AuditEvent",
  [
    "A stored event. `actor` is who acted, as reported; `recordedBy` is who reported it.",
    "`requestId` is the recording request's id in the access log.",
  ].join(" "),
);
nameSchema(
  AuditPage,
  "AuditPage",
  [
    "Newest first. If there is a `cursor`, there may be more events, even if `items` is",
    "empty. Events have all fields with `fields=all`.",
  ].join(" "),
);
nameSchema(RecordedEvent, "RecordedEvent", "The result of one event of a list.");
nameSchema(RecordedEvents, "RecordedEvents", "In the order of the request.");
SCHEMAS.add(NewAuditEvent.shape.occurredAt, {
  description: "When it happened (RFC 3339), at most 5 minutes in the future.",
});
SCHEMAS.add(ListedAuditEvent.shape.recordedAt, { description: "When it was stored (server time)." });
SCHEMAS.add(NewAuditEvent.shape.metadata, { maxProperties: METADATA_LIMIT });

describeParameters(AuditQuery.shape, {
  from: "Start (RFC 3339). Default: 7 days before `to`, at most 31 days.",
  to: "End. Default and maximum: now.",
  actor: "Actor as `type:id`.",
  action: "Action or prefix, such as `invoice.*`.",
  target: "Target as `type:id`.",
  outcome: "Outcome.",
  requestId: "Request id. Requires `from` and `to` within an hour.",
  limit: "Page size, 1–200. Default: 50.",
  cursor: "Cursor of the previous page.",
  fields: "`all` returns events with all fields. A page may then have fewer events than `limit`.",
});
