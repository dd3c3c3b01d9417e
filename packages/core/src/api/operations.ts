import { searchAccessLog } from "../access-log/operations";
import { getEvent, listEvents, recordEvents } from "../audit/operations";
import { searchFunctionLog } from "../function-log/operations";
import { greet, hello } from "../greeting/operations";
import { readTraffic } from "../traffic/operations";
import { describe } from "./describe";
import { type DocumentedOperation, document } from "./document";

const REFUSED = "The caller may not do this; `detail` names the missing scope, group or tenant";

const paid = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada", name: "Ada" },
  targets: [{ type: "invoice", id: "2026-0042" }],
  outcome: "success",
  occurredAt: "2026-11-23T09:30:00Z",
  metadata: { amount: "12.50" },
};
const denied = { ...paid, action: "invoice.deleted", outcome: "denied", metadata: {} };

const invocation = { integrationRequestId: "00000000-0000-4000-8000-000000000000", at: "2026-11-23T09:30:00Z" };

/**
 * Every operation of the API. A route of the deployment graph without an operation here, and an
 * operation without a route, fail the synthesis.
 */
const ALL: DocumentedOperation[] = [
  document(hello, {
    summary: "Say hello",
    description: "Shows that the function runs, and in which stage.",
    answers: { 200: "A greeting, with the id of the request and the stage" },
    examples: { hello: { summary: "Say hello", status: 200 } },
  }),
  document(greet, {
    summary: "Greet by name",
    answers: {
      200: "A greeting by name",

      400: "The body is not what it should be; `errors` points at each part that is wrong",
      413: "The body is larger than 64 KB",
      415: "The body is not `application/json`",
    },
    examples: {
      ada: { summary: "Greet Ada", body: { name: "Ada" }, status: 200 },
      nameless: { summary: "Greet nobody", body: {}, status: 400 },
    },
  }),
  document(describe, {
    summary: "This document",
    answers: { 200: "An OpenAPI 3.1 document" },
    examples: { document: { summary: "This document", status: 200 } },
  }),
  document(recordEvents, {
    summary: "Record an audit event, or up to 25",
    description:
      "For the tenant of the token. With an `Idempotency-Key`, the same request again within 24 hours returns what was stored the first time, and stores what is missing. The order of properties makes no difference.",
    headers: { "idempotency-key": "1 to 255 visible ASCII characters; the caller's own." },
    answers: {
      201: "As stored: the event, or what became of each of a list",
      207: "Of a list, some could not be stored: each item has its status",

      400: "The body is not what it should be; `errors` points at each part that is wrong. Nothing is stored",
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
  document(readTraffic, {
    summary: "How much was asked, by whom, how fast and how well it was answered",
    description:
      "From the access log, seconds after the requests. In the finest buckets (minute, hour, day) of which at most 200 cover the range; percentiles are within 2 %.",
    answers: {
      200: "The traffic of the range",

      400: "The range is empty, longer than 200 days, or older than what is kept; `errors` has a pointer",
      403: REFUSED,
      503: "The traffic cannot be reached, or was not summed up for too long: try again",
    },
    examples: {
      day: { summary: "The last 24 hours", status: 200 },
      backward: { summary: "A range of the wrong order", query: { from: "2100-01-01T00:00:00Z" }, status: 400 },
    },
  }),
  document(searchAccessLog, {
    summary: "Find requests, newest first",
    description:
      "In the access log itself, backward from `to`, as far as a few calls of CloudWatch Logs reach: `complete` says whether that was all, `cursor` leads further, `insightsQuery` asks Logs Insights the same.",
    answers: {
      200: "Requests, up to 200 or a few more",

      400: "A parameter is not what it should be; `errors` has a pointer to its name",
      403: REFUSED,
      429: "CloudWatch Logs has too many requests: try again in a second",
      503: "CloudWatch Logs cannot be reached: try again",
    },
    examples: {
      newest: { summary: "The newest", status: 200 },
      errors: { summary: "What failed", query: { status: "5xx" }, status: 200 },
      class: { summary: "A status that is none", query: { status: "high" }, status: 400 },
    },
  }),
  document(searchFunctionLog, {
    summary: "What a function logged of a request",
    description: "`route`, `integrationRequestId` and `at` are in the request's entry of the access log.",
    answers: {
      200: "Records, up to 200, oldest first",

      400: "A parameter is not what it should be; `errors` has a pointer to its name",
      403: REFUSED,
      429: "CloudWatch Logs has too many requests: try again in a second",
      503: "CloudWatch Logs cannot be reached: try again",
    },
    examples: {
      nobodys: { summary: "An id of no invocation", query: { ...invocation, route: "GET /events" }, status: 200 },
      elsewhere: { summary: "A route that is none", query: { ...invocation, route: "GET /nowhere" }, status: 400 },
    },
  }),
];

const ids = new Set(ALL.map(({ id }) => id));
const keys = new Set(ALL.map(({ key }) => key));
if (ids.size < ALL.length || keys.size < ALL.length) throw new Error("two operations have the same id or route key");

/** By route key. */
export const OPERATIONS: Readonly<Record<string, DocumentedOperation>> = Object.fromEntries(
  ALL.map((one) => [one.key, one]),
);
