import type { AuditEvent, ListedAuditEvent } from "@backend/core/audit/event";
import { apiErrorOf, mayPass } from "../../data/problem";
import type { AuditPage } from "./api";
import { csvOf } from "./csv";

/** Events and characters of JSON that one export holds at most. */
export const MOST_EVENTS = 20_000;
const MOST_CHARACTERS = 200_000_000;

/** Milliseconds before another try, each time that a page could not be read. */
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000];

/** What an export has read so far. After a failure it goes on from there. */
export interface Collection {
  events: AuditPage["items"];
  characters: number;
  /** Leads to the next page. Absent before the first and after the last. */
  cursor?: string | undefined;
}

export function newCollection(): Collection {
  return { events: [], characters: 0 };
}

interface CollectOptions {
  /** Called with the number of events so far. */
  told(count: number): void;
  most?: number;
  pause?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Adds the events of a view to a collection, newest first, over as many pages as it takes, or as
 * many as an export holds.
 * Throws what the last of several tries threw; what was read stays in the collection.
 *
 * @param read a page of at most 200 events
 * @returns false if there are more events
 */
export async function collect(
  read: (cursor: string | undefined) => Promise<AuditPage>,
  collection: Collection,
  { told, most = MOST_EVENTS, pause = wait }: CollectOptions,
): Promise<boolean> {
  do {
    const page = await retrying(() => read(collection.cursor), pause);
    collection.events.push(...page.items);
    collection.characters += page.items.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
    collection.cursor = page.cursor;
    told(collection.events.length);
  } while (
    collection.cursor !== undefined &&
    collection.events.length < most &&
    collection.characters < MOST_CHARACTERS
  );
  const isWhole = collection.cursor === undefined && collection.events.length <= most;
  collection.events.splice(most);
  return isWhole;
}

async function retrying<T>(read: () => Promise<T>, pause: (milliseconds: number) => Promise<unknown>): Promise<T> {
  for (const milliseconds of PAUSES) {
    try {
      return await read();
    } catch (error) {
      if ((error as Error).name === "AbortError" || !mayPass(apiErrorOf(error as Error))) throw error;
    }
    await pause(milliseconds);
  }
  return await read();
}

function wait(milliseconds: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function ndjsonOf(events: AuditPage["items"]): string {
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
  // An id may have any character: only JSON tells where one target ends.
  targets: ({ targets }) => JSON.stringify(targets.map(referenceOf)),
  requestId: ({ requestId }) => requestId,
};

const DETAILS: Record<string, (event: AuditEvent) => string> = {
  ...LISTED,
  tenant: ({ tenant }) => tenant,
  recordedBy: ({ recordedBy }) => (recordedBy === undefined ? "" : referenceOf(recordedBy)),
  recordedByClient: ({ recordedBy }) => recordedBy?.client ?? "",
  sourceIp: ({ sourceIp }) => sourceIp,
  userAgent: ({ userAgent }) => userAgent ?? "",
  targetNames: ({ targets }) => JSON.stringify(targets.map(({ name }) => name ?? "")),
  metadata: ({ metadata }) => JSON.stringify(metadata),
};

/** A table of what lists show, or of every field, if the events have them. */
export function auditCsvOf(events: AuditPage["items"]): string {
  return isDetailed(events) ? tableOf(events, DETAILS) : tableOf(events, LISTED);
}

function isDetailed(events: AuditPage["items"]): events is AuditEvent[] {
  return events.length > 0 && events.every((event) => "tenant" in event);
}

function tableOf<Event>(events: Event[], columns: Record<string, (event: Event) => string>): string {
  return csvOf([Object.keys(columns), ...events.map((event) => Object.values(columns).map((cell) => cell(event)))]);
}

export function referenceOf({ type, id }: { type: string; id: string }): string {
  return `${type}:${id}`;
}
