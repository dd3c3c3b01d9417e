import * as z from "zod/mini";

import { AccessLogQuery } from "../access-log/search";
import { AccessLogAnswer } from "../access-log/search-answer";
import { AuditPage, RecordedEvent, RecordedEvents } from "../audit/answers";
import {
  AuditEvent,
  ListedAuditEvent,
  METADATA_LIMIT,
  NewAuditEvent,
  NewAuditEvents,
  Outcome,
  Party,
  Recorder,
} from "../audit/event";
import { AuditQuery } from "../audit/query";
import { FunctionLogAnswer } from "../function-log/answer";
import { FunctionLogQuery } from "../function-log/search";
import { Greeting, NAME_LENGTH, NewGreeting } from "../greeting/greeting";
import { Problem } from "../problem";
import { TrafficAnswer } from "../traffic/answer";
import { TrafficQuery } from "../traffic/query";

export const GatewayError = z.object({ message: z.string() });

/** The schemas that have a name in the API's documentation, and what JSON Schema cannot tell from the code. */
export const SCHEMAS = z.registry<{ id?: string; [keyword: string]: unknown }>();

SCHEMAS.add(NewGreeting, { id: "NewGreeting" });
SCHEMAS.add(NewGreeting.shape.name, {
  minLength: 1,
  maxLength: NAME_LENGTH,
  description: "Without control characters; spaces around it do not count.",
});
SCHEMAS.add(Greeting, { id: "Greeting" });
SCHEMAS.add(Problem, {
  id: "Problem",
  description:
    "Problem details, RFC 9457. `type` ends in the stable code of the error, `instance` is the id of the request: it is in the access log too.",
});
SCHEMAS.add(GatewayError, { id: "GatewayError", description: "API Gateway's own errors." });

const add = (schema: z.ZodMiniType, id: string, description: string) => SCHEMAS.add(schema, { id, description });
add(Party, "Party", "Who acts, or what is acted upon: its type is a word such as `user`, its id is the caller's own.");
add(
  Recorder,
  "Recorder",
  "Who recorded an event, from the token of the request: a user by `sub`, or a machine client; `client` is the client that the token was issued to.",
);
add(Outcome, "Outcome", "`denied` is a failure for want of permission.");
add(NewAuditEvent, "NewAuditEvent", "Who did what to which thing, with what outcome. At most 64 KB as JSON.");
add(NewAuditEvents, "NewAuditEvents", "Valid as a whole, or refused as a whole.");
add(ListedAuditEvent, "ListedAuditEvent", "What a list shows of an event.");
add(
  AuditEvent,
  "AuditEvent",
  "An event as it is stored. `actor` is who acted, in the caller's words; `recordedBy` is who said so. `requestId` leads to the request that recorded it in the access log.",
);
add(
  AuditPage,
  "AuditPage",
  "Newest first. There is more as long as there is a `cursor`, even if `items` is empty. Events have every field with `fields=all`.",
);
add(RecordedEvent, "RecordedEvent", "What became of one event of a list.");
add(RecordedEvents, "RecordedEvents", "In the order of the request.");
SCHEMAS.add(NewAuditEvent.shape.occurredAt, {
  description: "When it happened: RFC 3339, at most 5 minutes ahead. Required: the server cannot know it.",
});
SCHEMAS.add(ListedAuditEvent.shape.recordedAt, { description: "When it was stored, by the server's clock." });
SCHEMAS.add(NewAuditEvent.shape.metadata, { maxProperties: METADATA_LIMIT });

add(TrafficAnswer, "Traffic", "Every bucket of the range has its place in `series`, also one without requests.");
add(AccessLogAnswer, "AccessLogPage", "All that was asked for and is not older than `readFrom`, newest first.");
add(FunctionLogAnswer, "FunctionLog", "The records that name an invocation's id; `complete` says whether that is all.");

describe(AuditQuery.shape, {
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
describe(TrafficQuery.shape, {
  from: "From this moment on (RFC 3339); by default 24 hours before `to`.",
  to: "To this moment; by default, and at most, now.",
});
describe(AccessLogQuery.shape, {
  from: "Arrived at this moment or later (RFC 3339); by default 24 hours before `to`.",
  to: "Arrived before this moment; by default, and at most, now.",
  cursor: "Where the page before ended.",
  status: "Answered with this status, such as `404`, or a class of them, such as `5xx`.",
  route: "By this route key, such as `GET /events/{id}`.",
  user: "Of this user or client: the token's `sub` or `client_id`.",
  requestId: "With this id.",
});
describe(FunctionLogQuery.shape, {
  route: "Route key of the request, such as `GET /events`.",
  integrationRequestId: "Lambda's id of the invocation.",
  at: "When the request arrived (RFC 3339): a minute before to five minutes after is looked through.",
});

function describe<Name extends string>(shape: Record<Name, z.ZodMiniType>, about: Record<Name, string>): void {
  for (const name of Object.keys(about) as Name[]) SCHEMAS.add(shape[name], { description: about[name] });
}
