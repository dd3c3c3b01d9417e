import type { AccessLogEntry, AccessLogPage } from "./api";

/** The result of looking for newer entries. */
export interface Poll {
  entries: AccessLogEntry[];
  /** The oldest page that was read. */
  page: AccessLogPage;
  /** Epoch milliseconds up to which the log was read. */
  to: number;
  unparseableLines: number;
  /** True if there is no gap between these entries and the known ones. */
  isComplete: boolean;
}

/**
 * Reads the log from its newest entry back, until a page ends with a known entry.
 *
 * @param read reads a page; without a cursor, the newest one
 * @param maxPages pages to read
 */
export async function readNewer(
  read: (cursor: string | undefined) => Promise<AccessLogPage>,
  maxPages: number,
  isKnown: (requestId: string) => boolean,
): Promise<Poll> {
  let page = await read(undefined);
  const poll = { entries: [...page.items], to: Date.parse(page.to), unparseableLines: page.unparseableLines };
  for (let pages = 1; pages < maxPages && !isComplete(); pages++) {
    page = await read(page.cursor);
    poll.entries.push(...page.items);
    poll.unparseableLines += page.unparseableLines;
  }
  return { ...poll, page, isComplete: isComplete() };

  function isComplete(): boolean {
    const last = page.items.at(-1);
    return page.cursor === undefined || (last !== undefined && isKnown(last.requestId));
  }
}
