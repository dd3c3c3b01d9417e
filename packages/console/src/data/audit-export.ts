import type { AuditEvent, ListedAuditEvent } from "@secure-backend/core/audit/event";

import type { AuditPage } from "./api";
import { csvOf } from "./csv";

/** Events that one export holds at most. */
export const MOST_EVENTS = 20_000;

/**
 * The events of a view, over as many pages as it takes: all, or the newest of them where there are too many.
 *
 * @param read a page of at most 200 events
 * @param told how many there are so far
 */
export async function collect(
  read: (cursor: string | undefined) => Promise<AuditPage>,
  told: (count: number) => void,
  most = MOST_EVENTS,
): Promise<{ events: ListedAuditEvent[]; complete: boolean }> {
  const events: ListedAuditEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    events.push(...page.items);
    told(events.length);
    cursor = page.cursor;
  } while (cursor !== undefined && events.length < most);
  return { events: events.slice(0, most), complete: cursor === undefined && events.length <= most };
}

/** Events of which one export has every field at most: each takes a request of its own. */
export const MOST_DETAILED = 500;
const AT_ONCE = 10;
/** Milliseconds: with the browser's own requests for leave (CORS), 80 a second, of the 100 that a stage takes. */
const EVERY = 250;

/**
 * The events with the fields that lists leave out.
 *
 * @param told how many there are so far
 */
export async function detailed(
  events: ListedAuditEvent[],
  read: (id: string) => Promise<AuditEvent>,
  told: (count: number) => void,
  pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for (let at = 0; at < events.length; at += AT_ONCE) {
    const some = events.slice(at, at + AT_ONCE).map(({ id }) => read(id));
    found.push(...((await Promise.all([...some, pause(EVERY)])).slice(0, some.length) as AuditEvent[]));
    told(found.length);
  }
  return found;
}

export function ndjsonOf(events: ListedAuditEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

const LISTED: Record<string, (event: ListedAuditEvent) => string> = {
  id: ({ id }) => id,
  recordedAt: ({ recordedAt }) => recordedAt,
  occurredAt: ({ occurredAt }) => occurredAt,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  actor: ({ actor }) => referenceOf(actor),
  actorName: ({ actor }) => actor.name ?? "",
  targets: ({ targets }) => targets.map(referenceOf).join(" "),
  requestId: ({ requestId }) => requestId,
};

const DETAILS: Record<string, (event: AuditEvent) => string> = {
  ...LISTED,
  tenant: ({ tenant }) => tenant,
  sourceIp: ({ sourceIp }) => sourceIp,
  userAgent: ({ userAgent }) => userAgent ?? "",
  targetNames: ({ targets }) => targets.flatMap(({ name }) => name ?? []).join("; "),
  metadata: ({ metadata }) => JSON.stringify(metadata),
};

/** With the fields that lists leave out, where the events have them. */
export function auditCsvOf(events: ListedAuditEvent[] | AuditEvent[]): string {
  return isDetailed(events) ? tableOf(events, DETAILS) : tableOf(events, LISTED);
}

function isDetailed(events: ListedAuditEvent[] | AuditEvent[]): events is AuditEvent[] {
  return events.length > 0 && events.every((event) => "tenant" in event);
}

function tableOf<Event>(events: Event[], columns: Record<string, (event: Event) => string>): string {
  return csvOf([Object.keys(columns), ...events.map((event) => Object.values(columns).map((cell) => cell(event)))]);
}

export function referenceOf({ type, id }: { type: string; id: string }): string {
  return `${type}:${id}`;
}
