import type { ListedAuditEvent } from "@secure-backend/core/audit/event";

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
): Promise<{ events: ListedAuditEvent[]; complete: boolean }> {
  const events: ListedAuditEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    events.push(...page.items);
    told(events.length);
    cursor = page.cursor;
  } while (cursor !== undefined && events.length < MOST_EVENTS);
  return { events: events.slice(0, MOST_EVENTS), complete: cursor === undefined && events.length <= MOST_EVENTS };
}

export function ndjsonOf(events: ListedAuditEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

const COLUMNS = ["id", "recordedAt", "occurredAt", "action", "outcome", "actor", "actorName", "targets", "requestId"];

export function auditCsvOf(events: ListedAuditEvent[]): string {
  const rows = events.map(({ id, recordedAt, occurredAt, action, outcome, actor, targets, requestId }) => [
    id,
    recordedAt,
    occurredAt,
    action,
    outcome,
    referenceOf(actor),
    actor.name ?? "",
    targets.map(referenceOf).join(" "),
    requestId,
  ]);
  return csvOf([COLUMNS, ...rows]);
}

export function referenceOf({ type, id }: { type: string; id: string }): string {
  return `${type}:${id}`;
}
