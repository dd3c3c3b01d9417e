import { isoInstant } from "@backend/platform/epoch";

import type { AccessLogEntry, AccessLogPage, Query } from "./api";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MAX_PAGES = 10;

/**
 * Milliseconds to search before and after the time in a link, smallest window first. A page of the
 * API reads a bounded part of the log, backward: in a busy log, it would not reach the middle of an
 * hour.
 */
const SEARCH_WINDOWS_MS = [5 * SECOND, MINUTE, HOUR];

/**
 * "too-far": the log is too large to search it all. "none": the searched part has no such request.
 */
type Found = AccessLogEntry | "too-far" | "none";

/**
 * Finds a request by its id.
 *
 * @param at approximate time of the request, in epoch milliseconds; the default is to search the
 *   last 30 days
 */
export async function findRequest(
  read: (query: Query) => Promise<AccessLogPage>,
  requestId: string,
  at: number | undefined,
  now: number,
): Promise<Found> {
  if (at === undefined) return await search(read, { requestId, from: isoInstant(now - 30 * DAY) });
  let found: Found = "none";
  for (const around of SEARCH_WINDOWS_MS) {
    const range = { from: isoInstant(at - around), to: isoInstant(at + around) };
    found = await search(read, { requestId, ...range });
    if (found !== "none") return found; // a wider range has even more to search
  }
  return found;
}

async function search(read: (query: Query) => Promise<AccessLogPage>, query: Query): Promise<Found> {
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await read({ ...query, cursor });
    const [entry] = page.items;
    if (entry !== undefined) return entry;
    if (page.cursor === undefined) return "none";
    cursor = page.cursor;
  }
  return "too-far";
}
