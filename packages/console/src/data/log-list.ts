import type { AccessLogEntry } from "@backend/platform/access-log/entry";

/** Entries that are held at most: as many as the list scrolls through without a hitch. */
export const MOST_ENTRIES = 100_000;

/** Newest first, those that came late too, and without the entries that are known already. */
export function withNewer(entries: AccessLogEntry[], newer: AccessLogEntry[]): AccessLogEntry[] {
  const oldest = Math.min(...newer.map(({ requestTimeEpoch }) => requestTimeEpoch));
  const head = since(entries, oldest);
  const known = new Set(head.map(({ requestId }) => requestId));
  const added = newer.filter(({ requestId }) => !known.has(requestId));
  if (added.length === 0) return entries;
  const merged = [...added, ...head].sort((a, b) => b.requestTimeEpoch - a.requestTimeEpoch);
  return [...merged, ...entries.slice(head.length)].slice(0, MOST_ENTRIES);
}

/** Ids of the entries that arrived at this time, in epoch milliseconds, or later. */
export function idsSince(entries: AccessLogEntry[], time: number): Set<string> {
  return new Set(since(entries, time).map(({ requestId }) => requestId));
}

function since(entries: AccessLogEntry[], time: number): AccessLogEntry[] {
  const end = entries.findIndex(({ requestTimeEpoch }) => requestTimeEpoch < time);
  return end === -1 ? entries : entries.slice(0, end);
}

/** Entries of an older page at the end; a page may begin with what the page before ended with. */
export function withOlder(entries: AccessLogEntry[], older: AccessLogEntry[]): AccessLogEntry[] {
  const known = new Set(entries.slice(-1000).map(({ requestId }) => requestId));
  return [...entries, ...older.filter(({ requestId }) => !known.has(requestId))].slice(0, MOST_ENTRIES);
}

const texts = new WeakMap<AccessLogEntry, string>();

/** Those that have each word somewhere in their fields. */
export function withText(entries: AccessLogEntry[], text: string): AccessLogEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries.filter((entry) => words.every((word) => textOf(entry).includes(word)));
}

function textOf(entry: AccessLogEntry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const text = Object.values(entry).join("\n").toLowerCase();
  texts.set(entry, text);
  return text;
}
