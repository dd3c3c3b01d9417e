import type { AccessLogEntry, AccessLogPage } from "./api";
import { withNewer, withOlder } from "./log-list";
import type { ApiError } from "./problem";
import type { Look } from "./read-newer";

/** What has been read of the access log: from its newest entry back, without a hole. */
export interface LogState {
  /** What was asked for: the entries are of that. */
  key: string;
  entries: AccessLogEntry[];
  /** The one that reaches furthest back: its cursor leads on. Absent before the first answer. */
  page: AccessLogPage | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** In the pages from the first one back. */
  unparseableLines: number;
  /** At most in one look for newer entries: looks read the last minutes over and over. */
  unparseableSince: number;
  /** Epoch milliseconds: all until then has been looked for, but for what is late. */
  seen: number;
  looks: number;
}

export const NOTHING: LogState = {
  key: "",
  entries: [],
  page: undefined,
  error: undefined,
  loading: true,
  unparseableLines: 0,
  unparseableSince: 0,
  seen: 0,
  looks: 0,
};

export function startOf(key: string, page: AccessLogPage): LogState {
  const { items: entries, unparseableLines, to } = page;
  return { ...NOTHING, key, page, entries, unparseableLines, seen: Date.parse(to), loading: false };
}

/** @param cursor that the page was read by: a list that began anew meanwhile has no place for it */
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

/** With what a look has found. Where it does not reach what is known, the list begins anew with it, so that it has no hole. */
export function withLook(before: LogState, look: Look): LogState {
  const { entries, unparseableLines, to: seen, page } = look;
  const looks = before.looks + 1;
  const oldest = entries.at(-1);
  const reaches = look.isWhole || before.entries.some(({ requestId }) => requestId === oldest?.requestId);
  if (!reaches) return { ...startOf(before.key, page), entries, unparseableLines, seen, looks };
  return {
    ...before,
    error: undefined,
    entries: withNewer(before.entries, entries),
    unparseableSince: Math.max(before.unparseableSince, unparseableLines),
    seen,
    looks,
  };
}
