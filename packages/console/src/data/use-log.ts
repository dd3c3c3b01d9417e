import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { AccessLogEntry, AccessLogPage, Query } from "./api";
import { idsSince, withNewer, withOlder } from "./log-list";
import { type ApiError, apiErrorOf, endsView } from "./problem";
import { minuteOf, queryOf, rangeOf } from "./range";
import { session, viewerOf } from "./session";
import { useStore } from "./store";
import { useInterval } from "./use-load";

const EVERY = 3000;
/** Milliseconds: log events arrive within "a few minutes", in no order that CloudWatch Logs promises. */
const LATE = 5 * 60_000;
/** Pages that one look for newer entries reads at most; it ends with the first whose oldest entry is known. */
const MOST_PAGES = 5;
/** Every so many looks one goes on to what came late, however much is known before it. */
const SWEEP = 20;
const MOST_SWEPT = 25;

export interface Log {
  entries: AccessLogEntry[];
  /** Of the last answer; absent before the first. */
  page: AccessLogPage | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** At least: looks for newer entries read the last minutes over and over. */
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
  unparseableSince: 0,
  gap: false,
  /** Epoch milliseconds: all until then has been looked for, but for what is late. */
  seen: 0,
  looks: 0,
};

/** The access log from its newest entry backward, as far as it is asked for, and onward as long as it is live. */
export function useLog(address: URLSearchParams, filter: Query, live: boolean): Log {
  const { api } = useApp();
  const user = useStore(session);
  const { token, busy = false } = user;
  const isWaiting = busy && token === undefined;
  const viewer = viewerOf(user); // a token that was renewed shows the same: what has been read stays
  const [log, setLog] = useState(NOTHING);
  const [round, setRound] = useState(0);
  const latest = useRef(log);
  latest.current = log;
  const running = useRef(new AbortController());
  const looking = useRef<AbortSignal | undefined>(undefined);
  const range = ["range", "from", "to"].map((name) => address.get(name)).join();
  const key = `${range} ${JSON.stringify(filter)} ${viewer} ${round}`;
  const question = () => ({ ...queryOf(rangeOf(address, "1h", Date.now())), ...filter });

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    running.current = abort;
    setLog((before) => ({ ...before, loading: true, error: undefined }));
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
    unparseableLines: log.unparseableLines + log.unparseableSince,
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
    const { entries, loading, page, seen, looks } = latest.current;
    if (loading || page === undefined || looking.current === signal) return;
    looking.current = signal;
    const since = minuteOf(Math.max(seen - LATE, Date.parse(page.from)));
    const known = idsSince(entries, since);
    const isSweep = looks % SWEEP === SWEEP - 1;
    try {
      const look = isSweep
        ? await readSince(since, signal, MOST_SWEPT, () => false)
        : await readSince(since, signal, MOST_PAGES, (id) => known.has(id));
      if (signal.aborted) return;
      setLog((before) => ({
        ...before,
        error: undefined,
        entries: withNewer(before.entries, look.found),
        unparseableSince: Math.max(before.unparseableSince, look.unparseableLines),
        gap: before.gap || !(look.isWhole || isSweep),
        seen: look.to,
        looks: looks + 1,
      }));
    } catch (error) {
      fail(error as Error, signal);
    }
    if (looking.current === signal) looking.current = undefined;
  }

  /** Newest first, as far as the pages go or until one ends with what is known. */
  async function readSince(since: number, signal: AbortSignal, most: number, isKnown: (id: string) => boolean) {
    const from = new Date(since).toISOString();
    const look = { found: [] as AccessLogEntry[], to: 0, unparseableLines: 0, isWhole: false };
    let cursor: string | undefined;
    for (let pages = 0; pages < most && !look.isWhole; pages++) {
      const next: AccessLogPage = await api.accessLog({ ...filter, from, cursor }, signal);
      if (pages === 0) look.to = Date.parse(next.to);
      look.found.push(...next.items);
      look.unparseableLines += next.unparseableLines;
      cursor = next.cursor;
      const last = next.items.at(-1);
      look.isWhole = cursor === undefined || (last !== undefined && isKnown(last.requestId));
    }
    return look;
  }

  function fail(error: Error, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = apiErrorOf(error);
    setLog((before) => ({ ...(endsView(known) ? NOTHING : before), error: known, loading: false }));
  }
}

function pageOf(page: AccessLogPage) {
  return { page, error: undefined, unparseableLines: page.unparseableLines };
}
