import type { AccessLogEntry, AccessLogPage } from "./api";

export interface Look {
  entries: AccessLogEntry[];
  /** The last that was read: its cursor leads on. */
  page: AccessLogPage;
  /** Epoch milliseconds: what arrived until then has been asked for. */
  to: number;
  unparseableLines: number;
  /** Nothing is missing between these entries and those that are known. */
  isWhole: boolean;
}

/**
 * Reads the log from its newest entry back, until a page ends with an entry that is known.
 *
 * @param read a page; without a cursor the newest
 * @param most pages
 */
export async function readNewer(
  read: (cursor: string | undefined) => Promise<AccessLogPage>,
  most: number,
  isKnown: (requestId: string) => boolean,
): Promise<Look> {
  let page = await read(undefined);
  const look = { entries: [...page.items], to: Date.parse(page.to), unparseableLines: page.unparseableLines };
  for (let pages = 1; pages < most && !isWhole(); pages++) {
    page = await read(page.cursor);
    look.entries.push(...page.items);
    look.unparseableLines += page.unparseableLines;
  }
  return { ...look, page, isWhole: isWhole() };

  function isWhole(): boolean {
    const last = page.items.at(-1);
    return page.cursor === undefined || (last !== undefined && isKnown(last.requestId));
  }
}
