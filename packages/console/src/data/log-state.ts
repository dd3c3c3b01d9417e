import type { AccessLogEntry, AccessLogPage } from "./api";
import { withNewer, withOlder } from "./log-list";
import type { ApiError } from "./problem";
import type { Poll } from "./read-newer";

/** The part of the access log that has been read: from the newest entry back, without gaps. */
export interface LogState {
  /** Identifies the query that the entries belong to. */
  key: string;
  entries: AccessLogEntry[];
  /** The oldest page: its cursor leads further back. Undefined before the first response. */
  page: AccessLogPage | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** In the first page and the older ones. */
  unparseableLines: number;
  /**
   * Largest count of one poll. Polls read the last minutes repeatedly, so a sum would count lines
   * twice.
   */
  unparseableInPolls: number;
  /** Epoch milliseconds. Everything before it has been read, except late entries. */
  readTo: number;
  polls: number;
}

export const EMPTY_LOG: LogState = {
  key: "",
  entries: [],
  page: undefined,
  error: undefined,
  loading: true,
  unparseableLines: 0,
  unparseableInPolls: 0,
  readTo: 0,
  polls: 0,
};

export function newLog(key: string, page: AccessLogPage): LogState {
  const { items: entries, unparseableLines, to } = page;
  return { ...EMPTY_LOG, key, page, entries, unparseableLines, readTo: Date.parse(to), loading: false };
}

/**
 * @param cursor of the request for the page; a list that was restarted since then ignores the page
 */
export function withOlderPage(before: LogState, page: AccessLogPage, cursor: string): LogState {
  if (before.page?.cursor !== cursor) return { ...before, loading: false };
  return {
    ...before,
    page,
    error: undefined,
    unparseableLines: before.unparseableLines + page.unparseableLines,
    entries: withOlder(before.entries, page.items),
    loading: false,
  };
}

/**
 * Adds the result of a poll. If it leaves a gap before the known entries, the list restarts with
 * it.
 */
export function withPoll(before: LogState, poll: Poll): LogState {
  const { entries, unparseableLines, to: readTo, page } = poll;
  const polls = before.polls + 1;
  const oldest = entries.at(-1);
  const isConnected = poll.isComplete || before.entries.some(({ requestId }) => requestId === oldest?.requestId);
  if (!isConnected) return { ...newLog(before.key, page), entries, unparseableLines, readTo, polls };
  return {
    ...before,
    error: undefined,
    entries: withNewer(before.entries, entries),
    unparseableInPolls: Math.max(before.unparseableInPolls, unparseableLines),
    readTo,
    polls,
  };
}
