import type { AccessLogEntry } from "@backend/platform/access-log/entry";

/** Entries that the list holds. With this many, it still scrolls smoothly. */
export const MAX_ENTRIES = 100_000;

/**
 * Merges newer entries into a list, newest first, without duplicates. Late entries go where they
 * belong.
 */
export function withNewer(entries: AccessLogEntry[], newer: AccessLogEntry[]): AccessLogEntry[] {
  const oldest = Math.min(...newer.map(({ requestTimeEpoch }) => requestTimeEpoch));
  const head = since(entries, oldest);
  const known = new Set(head.map(({ requestId }) => requestId));
  const added = newer.filter(({ requestId }) => !known.has(requestId));
  if (added.length === 0) return entries;
  const merged = [...added, ...head].sort((a, b) => b.requestTimeEpoch - a.requestTimeEpoch);
  return [...merged, ...entries.slice(head.length)].slice(0, MAX_ENTRIES);
}

/** Returns the ids of the entries at or after a time, in epoch milliseconds. */
export function idsSince(entries: AccessLogEntry[], time: number): Set<string> {
  return new Set(since(entries, time).map(({ requestId }) => requestId));
}

function since(entries: AccessLogEntry[], time: number): AccessLogEntry[] {
  const end = entries.findIndex(({ requestTimeEpoch }) => requestTimeEpoch < time);
  return end === -1 ? entries : entries.slice(0, end);
}

/** Appends an older page. It may repeat the last entries of the page before. */
export function withOlder(entries: AccessLogEntry[], older: AccessLogEntry[]): AccessLogEntry[] {
  const known = new Set(entries.slice(-1000).map(({ requestId }) => requestId));
  return [...entries, ...older.filter(({ requestId }) => !known.has(requestId))].slice(0, MAX_ENTRIES);
}

const searchTexts = new WeakMap<AccessLogEntry, string>();

/** Returns the entries that contain every word, in any field. */
export function withText(entries: AccessLogEntry[], text: string): AccessLogEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries.filter((entry) => words.every((word) => textOf(entry).includes(word)));
}

function textOf(entry: AccessLogEntry): string {
  const cached = searchTexts.get(entry);
  if (cached !== undefined) return cached;
  const text = Object.values(entry).join("\n").toLowerCase();
  searchTexts.set(entry, text);
  return text;
}
