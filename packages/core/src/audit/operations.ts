import * as z from "zod/mini";

import { operation } from "../permissions";
import { AuditPage, RecordedEvents } from "./answers";
import { AuditEvent, BATCH_LIMIT, EVENT_LIMIT, NewAuditEvent, NewAuditEvents } from "./event";
import { AuditQuery } from "./query";

/** Bytes of a body: room for a full list and the white space of a pretty printer. */
const BODY_LIMIT = 2 * BATCH_LIMIT * EVENT_LIMIT;

/** The header `Idempotency-Key`: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
const IdempotencyKey = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(255),
    z.regex(/^[\x21-\x7e]+$/, { error: "must be 1 to 255 visible ASCII characters" }),
  );

const RecordHeaders = z.object({ "idempotency-key": z.optional(IdempotencyKey) });
const RecordBody = z.union([NewAuditEvent, NewAuditEvents]);
const RecordAnswer = z.union([AuditEvent, RecordedEvents]);

export const recordEvents = /* @__PURE__ */ operation("POST /events", {
  id: "recordEvents",
  permission: "audit/write",
  headers: RecordHeaders,
  body: RecordBody,
  bodyLimit: BODY_LIMIT,
  metered: true,
  answers: {
    201: RecordAnswer,
    207: RecordedEvents,
    400: "problem",
    403: "problem",
    413: "problem",
    415: "problem",
    422: "problem",
    503: "problem",
  },
});

export const listEvents = /* @__PURE__ */ operation("GET /events", {
  id: "listEvents",
  permission: "audit/read",
  query: AuditQuery,
  answers: { 200: AuditPage, 400: "problem", 403: "problem", 503: "problem" },
});

export const getEvent = /* @__PURE__ */ operation("GET /events/{id}", {
  id: "getEvent",
  permission: "audit/read",
  answers: { 200: AuditEvent, 400: "problem", 403: "problem", 404: "problem", 503: "problem" },
});
