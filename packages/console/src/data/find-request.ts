import { isoInstant } from "@backend/platform/epoch";

import type { AccessLogEntry, AccessLogPage, Query } from "./api";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MAX_PAGES = 10;

/**
 * How far around the time of a link is searched, one after the other. A page of the API reads a
 * bounded part of the log,
 * backward: on a busy log it would not come from the end of an hour to its middle.
 */
const AROUND = [5 * SECOND, MINUTE, HOUR];

/** "further": not all of the time could be read. "none": it is not in that time. */
type Found = AccessLogEntry | "further" | "none";

/**
 * Finds a request by its id.
 *
 * @param at about when it arrived, in epoch milliseconds; without it the last 30 days are searched
 */
export async function findRequest(
  read: (query: Query) => Promise<AccessLogPage>,
  requestId: string,
  at: number | undefined,
  now: number,
): Promise<Found> {
  if (at === undefined) return await search(read, { requestId, from: isoInstant(now - 30 * DAY) });
  let found: Found = "none";
  for (const around of AROUND) {
    const range = { from: isoInstant(at - around), to: isoInstant(at + around) };
    found = await search(read, { requestId, ...range });
    if (found !== "none") return found; // what a narrow range is too much for, a wider one is too
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
  return "further";
}
