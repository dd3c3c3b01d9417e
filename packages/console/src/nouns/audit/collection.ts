import type { AuditEvent, ListedAuditEvent } from "@backend/core/audit/event";
import { apiErrorOf, isRetryable } from "../../data/problem";
import type { AuditPage } from "./api";
import { csvOf } from "./csv";

/** Limits of one export: events, and characters of JSON. */
export const MAX_EVENTS = 20_000;
const MAX_CHARACTERS = 200_000_000;

/** Milliseconds before each retry of a page. */
const RETRY_PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/** The events that an export has read so far. After a failure, it continues from there. */
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
  /** Called after each page, with the number of events so far. */
  onProgress(count: number): void;
  maxEvents?: number;
  pause?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Adds events to a collection, page by page, newest first, up to the limits of an export. If a page
 * still fails after several retries, throws the last error; the collection keeps the other pages.
 *
 * @param read reads a page
 * @returns false if there are more events
 */
export async function collect(
  read: (cursor: string | undefined) => Promise<AuditPage>,
  collection: Collection,
  { onProgress, maxEvents = MAX_EVENTS, pause = wait }: CollectOptions,
): Promise<boolean> {
  do {
    const page = await retry(() => read(collection.cursor), pause);
    collection.events.push(...page.items);
    collection.characters += page.items.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
    collection.cursor = page.cursor;
    onProgress(collection.events.length);
  } while (
    collection.cursor !== undefined &&
    collection.events.length < maxEvents &&
    collection.characters < MAX_CHARACTERS
  );
  const isComplete = collection.cursor === undefined && collection.events.length <= maxEvents;
  collection.events.splice(maxEvents);
  return isComplete;
}

async function retry<T>(read: () => Promise<T>, pause: (milliseconds: number) => Promise<unknown>): Promise<T> {
  for (const milliseconds of RETRY_PAUSES_MS) {
    try {
      return await read();
    } catch (error) {
      if ((error as Error).name === "AbortError" || !isRetryable(apiErrorOf(error as Error))) throw error;
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

const LIST_COLUMNS: Record<string, (event: ListedAuditEvent) => string> = {
  id: ({ id }) => id,
  recordedAt: ({ recordedAt }) => recordedAt,
  occurredAt: ({ occurredAt }) => occurredAt,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  actor: ({ actor }) => referenceOf(actor),
  actorName: ({ actor }) => actor.name ?? "",
  // JSON, because an id may contain any separator.
  targets: ({ targets }) => JSON.stringify(targets.map(referenceOf)),
  requestId: ({ requestId }) => requestId,
};

const ALL_COLUMNS: Record<string, (event: AuditEvent) => string> = {
  ...LIST_COLUMNS,
  tenant: ({ tenant }) => tenant,
  recordedBy: ({ recordedBy }) => (recordedBy === undefined ? "" : referenceOf(recordedBy)),
  recordedByClient: ({ recordedBy }) => recordedBy?.client ?? "",
  sourceIp: ({ sourceIp }) => sourceIp,
  userAgent: ({ userAgent }) => userAgent ?? "",
  targetNames: ({ targets }) => JSON.stringify(targets.map(({ name }) => name ?? "")),
  metadata: ({ metadata }) => JSON.stringify(metadata),
};

/** Writes events as CSV, with all fields if the events have them. */
export function auditCsvOf(events: AuditPage["items"]): string {
  return isDetailed(events) ? tableOf(events, ALL_COLUMNS) : tableOf(events, LIST_COLUMNS);
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
