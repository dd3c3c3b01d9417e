import type { AuditEvent, ListedAuditEvent } from "@backend/core/audit/event";

import type { Api, Query } from "../../data/api";

export interface AuditPage {
  /** Events have all fields if the query has `fields=all`. */
  items: (ListedAuditEvent | AuditEvent)[];
  cursor?: string;
}

export function readEvents(api: Api, query: Query, signal: AbortSignal): Promise<AuditPage> {
  return api.get("/events", query, "audit/read", signal);
}

export function readEvent(api: Api, id: string, signal: AbortSignal): Promise<AuditEvent> {
  return api.get(`/events/${encodeURIComponent(id)}`, {}, "audit/read", signal);
}
