import * as z from "zod/mini";

import { searchAccessLog } from "../access-log/search";
import { AccessLogAnswer } from "../access-log/search-answer";
import { AuditEvent, NewAuditEvent, NewAuditEvents } from "../audit/event";
import { AuditQuery } from "../audit/query";
import { FunctionLogAnswer } from "../function-log/answer";
import { searchFunctionLog } from "../function-log/search";
import { newGreeting } from "../greeting/greeting";
import { TrafficAnswer } from "../traffic/answer";
import { trafficOver } from "../traffic/query";
import { type Operation, problems } from "./operation";
import { AuditPage, Greeting, RecordedEvents } from "./schemas";

const REFUSED = "The caller may not: a group, a grant or the one tenant is missing; `detail` says which";

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
 * Every operation of the API, by method and path. A route of the deployment graph without an entry
 * here, and an entry without a route, fail the synthesis.
 */
export const OPERATIONS: Record<string, Operation> = {
  "GET /SecureBackendFunction": {
    id: "hello",
    summary: "Say hello",
    description: "Shows that the function runs, and in which stage.",
    responses: { 200: { description: "A greeting, with the id of the request and the stage", content: Greeting } },
    examples: { hello: { summary: "Say hello", status: 200 } },
  },
  "POST /SecureBackendFunction": {
    id: "greet",
    summary: "Greet by name",
    body: newGreeting,
    responses: {
      200: { description: "A greeting by name", content: Greeting },
      ...problems({
        400: "The body is not what it should be; `errors` points at each part that is wrong",
        413: "The body is larger than 64 KB",
        415: "The body is not `application/json`",
      }),
    },
    examples: {
      ada: { summary: "Greet Ada", body: { name: "Ada" }, status: 200 },
      nameless: { summary: "Greet nobody", body: {}, status: 400 },
    },
  },
  "GET /openapi.json": {
    id: "describe",
    summary: "This document",
    responses: { 200: { description: "An OpenAPI 3.1 document", content: z.looseObject({ openapi: z.string() }) } },
    examples: { document: { summary: "This document", status: 200 } },
  },
  "POST /events": {
    id: "recordEvents",
    summary: "Record an audit event, or up to 25",
    description:
      "For the tenant of the token. With an `Idempotency-Key`, the same request again within 24 hours returns what was stored the first time, and stores what is missing. The order of properties makes no difference.",
    headers: {
      "idempotency-key": {
        description: "1 to 255 visible ASCII characters; the caller's own.",
        schema: z.string().check(z.minLength(1), z.maxLength(255)),
      },
    },
    body: z.union([NewAuditEvent, NewAuditEvents]),
    responses: {
      201: {
        description: "As stored: the event, or what became of each of a list",
        content: z.union([AuditEvent, RecordedEvents]),
      },
      207: { description: "Of a list, some could not be stored: each item has its status", content: RecordedEvents },
      ...problems({
        400: "The body is not what it should be; `errors` points at each part that is wrong. Nothing is stored",
        403: REFUSED,
        413: "The body is larger than 3.2 MB",
        415: "The body is not `application/json`",
        422: "The `Idempotency-Key` has been used with another body",
        503: "The audit trail cannot be reached: try again",
      }),
    },
    examples: {
      one: { summary: "One event", body: paid, status: 201 },
      list: { summary: "Two events", body: [paid, denied], status: 201 },
      tenant: { summary: "A tenant in the body", body: { ...paid, tenant: "globex" }, status: 400 },
    },
  },
  "GET /events": {
    id: "listEvents",
    summary: "Find audit events, newest first",
    description:
      "Of the token's tenant, in the order of their ids: an event is stored at most 5 minutes after the time in its id. By actor or by one action they are read from an index; other filters apply to what is read.",
    query: AuditQuery,
    responses: {
      200: { description: "A page of events", content: AuditPage },
      ...problems({
        400: "A parameter is not what it should be; `errors` has a pointer to its name",
        403: REFUSED,
        503: "The audit trail cannot be reached: try again",
      }),
    },
    examples: {
      newest: { summary: "The newest", query: { limit: "10" }, status: 200 },
      actor: { summary: "What an actor did", query: { actor: "user:ada" }, status: 200 },
      whole: { summary: "Every field", query: { fields: "all", limit: "200" }, status: 200 },
      denied: { summary: "What was denied", query: { action: "invoice.*", outcome: "denied" }, status: 200 },
      unknown: { summary: "An unknown parameter", query: { tenant: "globex" }, status: 400 },
    },
  },
  "GET /events/{id}": {
    id: "getEvent",
    summary: "An audit event",
    path: { id: "Id of the event" },
    responses: {
      200: { description: "The event", content: AuditEvent },
      ...problems({
        403: REFUSED,
        404: "The tenant has no event with this id",
        503: "The audit trail cannot be reached: try again",
      }),
    },
    examples: { nobodys: { summary: "An id of no event", path: { id: "01KAR9Z0000000000000000000" }, status: 404 } },
  },
  "GET /traffic": {
    id: "readTraffic",
    summary: "How much was asked, by whom, how fast and how well it was answered",
    description:
      "From the access log, seconds after the requests. In the finest buckets (minute, hour, day) of which at most 200 cover the range; percentiles are within 2 %.",
    query: trafficOver.schema,
    responses: {
      200: { description: "The traffic of the range", content: TrafficAnswer },
      ...problems({
        400: "The range is empty, longer than 200 days, or older than what is kept; `errors` has a pointer",
        403: REFUSED,
        503: "The traffic cannot be reached, or was not summed up for too long: try again",
      }),
    },
    examples: {
      day: { summary: "The last 24 hours", status: 200 },
      backward: { summary: "A range of the wrong order", query: { from: "2100-01-01T00:00:00Z" }, status: 400 },
    },
  },
  "GET /access-log": {
    id: "searchAccessLog",
    summary: "Find requests, newest first",
    description:
      "In the access log itself, backward from `to`, as far as a few calls of CloudWatch Logs reach: `complete` says whether that was all, `cursor` leads further, `insightsQuery` asks Logs Insights the same.",
    query: searchAccessLog.schema,
    responses: {
      200: { description: "Requests, up to 200 or a few more", content: AccessLogAnswer },
      ...problems({
        400: "A parameter is not what it should be; `errors` has a pointer to its name",
        403: REFUSED,
        429: "CloudWatch Logs has too many requests: try again in a second",
        503: "CloudWatch Logs cannot be reached: try again",
      }),
    },
    examples: {
      newest: { summary: "The newest", status: 200 },
      errors: { summary: "What failed", query: { status: "5xx" }, status: 200 },
      class: { summary: "A status that is none", query: { status: "high" }, status: 400 },
    },
  },
  "GET /function-log": {
    id: "searchFunctionLog",
    summary: "What a function logged of a request",
    description: "`route`, `integrationRequestId` and `at` are in the request's entry of the access log.",
    query: searchFunctionLog.schema,
    responses: {
      200: { description: "Records, up to 200, oldest first", content: FunctionLogAnswer },
      ...problems({
        400: "A parameter is not what it should be; `errors` has a pointer to its name",
        403: REFUSED,
        429: "CloudWatch Logs has too many requests: try again in a second",
        503: "CloudWatch Logs cannot be reached: try again",
      }),
    },
    examples: {
      nobodys: { summary: "An id of no invocation", query: { ...invocation, route: "GET /events" }, status: 200 },
      elsewhere: { summary: "A route that is none", query: { ...invocation, route: "GET /nowhere" }, status: 400 },
    },
  },
};
