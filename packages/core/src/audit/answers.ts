import { Problem } from "@backend/platform/problem";
import * as z from "zod/mini";
import { AuditEvent, ListedAuditEvent } from "./event";

/** A page of events. The last page has no `cursor`; a page before it may have no events. */
export const AuditPage = z.object({
  items: z.array(z.union([AuditEvent, ListedAuditEvent])),
  cursor: z.optional(z.string()),
});
export type AuditPage = z.output<typeof AuditPage>;

/** The result of one event of a list. */
export const RecordedEvent = z.object({
  status: z.int(),
  event: z.optional(AuditEvent),
  problem: z.optional(Problem),
});

/** In the order of the request. */
export const RecordedEvents = z.object({ items: z.array(RecordedEvent) });
