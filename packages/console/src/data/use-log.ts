import { isoInstant } from "@backend/platform/epoch";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { Query } from "./api";
import { idsSince } from "./log-list";
import { EMPTY_LOG, type LogState, newLog, withOlderPage, withPoll } from "./log-state";
import { apiErrorOf, endsView, isRetryable } from "./problem";
import { minuteOf, queryOf, rangeOf } from "./range";
import { readNewer } from "./read-newer";
import { useInterval } from "./use-load";
import { useViewer } from "./use-viewer";

const POLL_INTERVAL_MS = 3000;
/** API Gateway's log events may arrive minutes late and out of order. */
const MAX_DELAY_MS = 5 * 60_000;
/** Pages that one poll reads. It stops earlier at a page whose oldest entry is known. */
const MAX_PAGES = 5;
/** Every 20th poll reads past known entries, to find late ones. */
const POLLS_PER_SWEEP = 20;
const MAX_SWEEP_PAGES = 25;

export interface Log extends Pick<LogState, "key" | "entries" | "page" | "error" | "loading"> {
  /** A lower bound: polls may read a line more than once, and count it once. */
  unparseableLines: number;
  /** True while the entries belong to the previous filters. */
  stale: boolean;
  loadOlder: (() => void) | undefined;
  reload(): void;
}

/** Reads the access log: backward on request, and newer entries while it is live. */
export function useLog(address: URLSearchParams, filter: Query, live: boolean): Log {
  const { api } = useApp();
  const [log, setLog] = useState(EMPTY_LOG);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { viewer, isWaiting } = useViewer(() => log.error && reload());
  const latest = useRef(log);
  latest.current = log;
  const running = useRef(new AbortController());
  const polling = useRef<AbortSignal | undefined>(undefined);
  const range = ["range", "from", "to"].map((name) => address.get(name)).join();
  const key = `${range} ${JSON.stringify(filter)} ${viewer} ${round}`;
  const newQuery = () => ({ ...queryOf(rangeOf(address, "1h", Date.now())), ...filter });

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    running.current = abort;
    setLog((before) => ({ ...before, loading: true, error: undefined }));
    api.accessLog(newQuery(), abort.signal).then(
      (page) => setLog(newLog(key, page)),
      (error: Error) => fail(error, abort.signal),
    );
    return () => abort.abort();
  }, [key, api, isWaiting]);

  useInterval(() => void loadNewer(), live || log.error?.kind === "down" ? POLL_INTERVAL_MS : undefined);
  const { page, loading } = log;
  return {
    ...log,
    stale: log.key !== key && log.entries.length > 0,
    unparseableLines: log.unparseableLines + log.unparseableInPolls,
    loadOlder: page?.cursor === undefined || loading ? undefined : () => void loadOlder(page.cursor ?? ""),
    reload,
  };

  async function loadOlder(cursor: string): Promise<void> {
    const { signal } = running.current;
    setLog((before) => ({ ...before, loading: true }));
    try {
      const older = await api.accessLog({ ...newQuery(), cursor }, signal);
      setLog((before) => withOlderPage(before, older, cursor));
    } catch (error) {
      fail(error as Error, signal);
    }
  }

  async function loadNewer(): Promise<void> {
    const { signal } = running.current;
    const { entries, loading, page, error, readTo, polls } = latest.current;
    if (page === undefined && error !== undefined && !loading && isRetryable(error)) reload();
    if (loading || page === undefined || polling.current === signal) return;
    polling.current = signal;
    const since = minuteOf(Math.max(readTo - MAX_DELAY_MS, Date.parse(page.readFrom)));
    const read = (cursor: string | undefined) => api.accessLog({ ...filter, from: isoInstant(since), cursor }, signal);
    const known = idsSince(entries, since);
    const isSweep = polls % POLLS_PER_SWEEP === POLLS_PER_SWEEP - 1;
    try {
      const poll = await readNewer(read, isSweep ? MAX_SWEEP_PAGES : MAX_PAGES, (id) => !isSweep && known.has(id));
      if (!signal.aborted) setLog((before) => withPoll(before, poll));
    } catch (error) {
      fail(error as Error, signal);
    }
    if (polling.current === signal) polling.current = undefined;
  }

  function fail(error: Error, signal: AbortSignal): void {
    if (signal.aborted) return;
    const apiError = apiErrorOf(error);
    // Rows of other filters must not stay under the new ones.
    const keepsEntries = (before: LogState) => before.key === key && !endsView(apiError);
    setLog((before) => ({ ...(keepsEntries(before) ? before : EMPTY_LOG), key, error: apiError, loading: false }));
  }
}
