import { document, REFUSED } from "@backend/platform/api/document";
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
    summary: "Record an audit event, or up to 25",
    description:
      "For the tenant of the token. With an `Idempotency-Key`, the same request again within 24 hours returns what was stored the first time, and stores what is missing. The order of properties makes no difference.",
    headers: { "idempotency-key": "1 to 255 visible ASCII characters; the caller's own." },
    answers: {
      201: "As stored: the event, or what became of each of a list",
      207: "Of a list, some could not be stored: each item has its status",
      400: "The body is not what it should be; `errors` points at each part that is wrong",
      403: REFUSED,
      413: "The body is larger than 3.2 MB",
      415: "The body is not `application/json`",
      422: "The `Idempotency-Key` has been used with another body",
      503: "The audit trail cannot be reached: try again",
    },
    examples: {
      one: { summary: "One event", body: paid, status: 201 },
      list: { summary: "Two events", body: [paid, denied], status: 201 },
      tenant: { summary: "A tenant in the body", body: { ...paid, tenant: "globex" }, status: 400 },
    },
  }),
  document(listEvents, {
    summary: "Find audit events, newest first",
    description:
      "Of the token's tenant, in the order of their ids: an event is stored at most 5 minutes after the time in its id. By actor or by one action they are read from an index; other filters apply to what is read.",
    answers: {
      200: "A page of events",
      400: "A parameter is not what it should be; `errors` has a pointer to its name",
      403: REFUSED,
      503: "The audit trail cannot be reached: try again",
    },
    examples: {
      newest: { summary: "The newest", query: { limit: "10" }, status: 200 },
      actor: { summary: "What an actor did", query: { actor: "user:ada" }, status: 200 },
      whole: { summary: "Every field", query: { fields: "all", limit: "200" }, status: 200 },
      denied: { summary: "What was denied", query: { action: "invoice.*", outcome: "denied" }, status: 200 },
      unknown: { summary: "An unknown parameter", query: { tenant: "globex" }, status: 400 },
    },
  }),
  document(getEvent, {
    summary: "An audit event",
    path: { id: "Id of the event" },
    answers: {
      200: "The event",
      400: "The caller belongs to several tenants: name one in `x-tenant`",
      403: REFUSED,
      404: "The tenant has no event with this id",
      503: "The audit trail cannot be reached: try again",
    },
    examples: { nobodys: { summary: "An id of no event", path: { id: "01KAR9Z0000000000000000000" }, status: 404 } },
  }),
];

nameSchema(
  Party,
  "Party",
  "Who acts, or what is acted upon: its type is a word such as `user`, its id is the caller's own.",
);
nameSchema(
  Recorder,
  "Recorder",
  "Who recorded an event, from the token of the request: a user by `sub`, or a machine client; `client` is the client that the token was issued to.",
);
nameSchema(Outcome, "Outcome", "`denied` means that a permission was missing.");
nameSchema(NewAuditEvent, "NewAuditEvent", "Who did what to which thing, with what outcome. At most 64 KB as JSON.");
nameSchema(NewAuditEvents, "NewAuditEvents", "Valid as a whole, or refused as a whole.");
nameSchema(ListedAuditEvent, "ListedAuditEvent", "What a list shows of an event.");
nameSchema(
  AuditEvent,
  "AuditEvent",
  "An event as it is stored. `actor` is who acted, in the caller's words; `recordedBy` is who said so. `requestId` leads to the request that recorded it in the access log.",
);
nameSchema(
  AuditPage,
  "AuditPage",
  "Newest first. There is more as long as there is a `cursor`, even if `items` is empty. Events have every field with `fields=all`.",
);
nameSchema(RecordedEvent, "RecordedEvent", "What became of one event of a list.");
nameSchema(RecordedEvents, "RecordedEvents", "In the order of the request.");
SCHEMAS.add(NewAuditEvent.shape.occurredAt, {
  description: "When it happened: RFC 3339, at most 5 minutes ahead. Required: the server cannot know it.",
});
SCHEMAS.add(ListedAuditEvent.shape.recordedAt, { description: "When it was stored, by the server's clock." });
SCHEMAS.add(NewAuditEvent.shape.metadata, { maxProperties: METADATA_LIMIT });

describeParameters(AuditQuery.shape, {
  from: "With an id of this moment or later (RFC 3339); by default 7 days before `to`, at most 31.",
  to: "With an id of this moment or before; by default, and at most, now.",
  actor: "Of this actor: `type:id`.",
  action: "Of this action, or of those that begin as in `invoice.*`.",
  target: "On this target: `type:id`.",
  outcome: "With this outcome.",
  requestId: "Recorded by this request; needs `from` and `to`, at most an hour apart.",
  limit: "At most so many: 1 to 200, by default 50.",
  cursor: "Where the page before ended.",
  fields: "`all`: events with every field, not only those of a list. A page may then end before its limit.",
});
