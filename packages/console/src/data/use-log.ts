import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { AccessLogEntry, AccessLogPage, Query } from "./api";
import { withNewer, withOlder } from "./log-list";
import { ApiError } from "./problem";
import { queryOf, rangeOf } from "./range";
import { session } from "./session";
import { useStore } from "./store";
import { useInterval } from "./use-load";

const EVERY = 3000;
/** Milliseconds: a request is in the log when it has been answered, within 30 s, and some seconds after that. */
const LATE = 60_000;
/** Pages that one look for newer entries reads. */
const MOST_PAGES = 5;

export interface Log {
  entries: AccessLogEntry[];
  /** Of the last answer; absent before the first. */
  page: AccessLogPage | undefined;
  error: ApiError | undefined;
  loading: boolean;
  unparseableLines: number;
  /** There were more new entries than one look reads. */
  gap: boolean;
  loadOlder: (() => void) | undefined;
  reload(): void;
}

const NOTHING = {
  entries: [] as AccessLogEntry[],
  page: undefined as AccessLogPage | undefined,
  error: undefined as ApiError | undefined,
  loading: true,
  unparseableLines: 0,
  gap: false,
  /** Epoch milliseconds: all until then has been looked for, but for what is late. */
  seen: 0,
};

/** The access log from its newest entry backward, as far as it is asked for, and onward as long as it is live. */
export function useLog(address: URLSearchParams, filter: Query, live: boolean): Log {
  const { api } = useApp();
  const { token, claims, busy = false } = useStore(session);
  const isWaiting = busy && token === undefined;
  // A token that was renewed shows the same: what has been read stays.
  const who = JSON.stringify(claims && { ...claims, expiresAt: undefined });
  const [log, setLog] = useState(NOTHING);
  const [round, setRound] = useState(0);
  const latest = useRef(log);
  latest.current = log;
  const running = useRef(new AbortController());
  const looking = useRef<AbortSignal | undefined>(undefined);
  const range = ["range", "from", "to"].map((name) => address.get(name)).join();
  const key = `${range} ${JSON.stringify(filter)} ${who} ${round}`;
  const question = () => ({ ...queryOf(rangeOf(address, "1h", Date.now())), ...filter });

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    running.current = abort;
    setLog((before) => ({ ...before, loading: true }));
    api.accessLog(question(), abort.signal).then(
      (page) => setLog({ ...NOTHING, ...pageOf(page), seen: Date.parse(page.to), entries: page.items, loading: false }),
      (error: Error) => fail(error, abort.signal),
    );
    return () => abort.abort();
  }, [key, api, isWaiting]);

  useEffect(() => {
    if (token !== undefined && latest.current.error !== undefined) setRound((before) => before + 1);
  }, [token]);

  useInterval(() => void loadNewer(), live ? EVERY : undefined);
  const { page, loading } = log;
  return {
    ...log,
    loadOlder: page?.cursor === undefined || loading ? undefined : () => void loadOlder(page.cursor ?? ""),
    reload: useCallback(() => setRound((before) => before + 1), []),
  };

  async function loadOlder(cursor: string): Promise<void> {
    const { signal } = running.current;
    setLog((before) => ({ ...before, loading: true }));
    try {
      const older = await api.accessLog({ ...question(), cursor }, signal);
      setLog((before) => ({
        ...before,
        ...pageOf(older),
        unparseableLines: before.unparseableLines + older.unparseableLines,
        entries: withOlder(before.entries, older.items),
        loading: false,
      }));
    } catch (error) {
      fail(error as Error, signal);
    }
  }

  async function loadNewer(): Promise<void> {
    const { signal } = running.current;
    const { entries, loading, page, seen } = latest.current;
    if (loading || page === undefined || looking.current === signal) return;
    looking.current = signal;
    const from = new Date(Math.max(seen - LATE, Date.parse(page.from))).toISOString();
    const known = new Set(entries.slice(0, 5000).map(({ requestId }) => requestId));
    const found: AccessLogEntry[] = [];
    try {
      let cursor: string | undefined;
      let isKnown = false;
      let to = seen;
      for (let pages = 0; pages < MOST_PAGES && !isKnown; pages++) {
        const next: AccessLogPage = await api.accessLog({ ...filter, from, cursor }, signal);
        found.push(...next.items);
        if (pages === 0) to = Date.parse(next.to);
        cursor = next.cursor;
        isKnown =
          cursor === undefined || (next.items.length > 0 && next.items.every((item) => known.has(item.requestId)));
      }
      if (signal.aborted) return;
      setLog((before) => ({
        ...before,
        error: undefined,
        entries: withNewer(before.entries, found),
        gap: before.gap || !isKnown,
        seen: to,
      }));
    } catch (error) {
      fail(error as Error, signal);
    }
    if (looking.current === signal) looking.current = undefined;
  }

  function fail(error: Error, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = error instanceof ApiError ? error : new ApiError("unreadable", error.message);
    const isOver = known.kind === "signed-out" || known.status === 401 || known.status === 403;
    setLog((before) => ({ ...(isOver ? NOTHING : before), error: known, loading: false }));
  }
}

function pageOf(page: AccessLogPage) {
  return { page, error: undefined, unparseableLines: page.unparseableLines };
}
