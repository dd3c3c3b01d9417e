import { isoInstant } from "@backend/platform/epoch";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { Query } from "./api";
import { idsSince } from "./log-list";
import { type LogState, NOTHING, startOf, withLook, withOlderPage } from "./log-state";
import { apiErrorOf, endsView, mayPass } from "./problem";
import { minuteOf, queryOf, rangeOf } from "./range";
import { readNewer } from "./read-newer";
import { useInterval } from "./use-load";
import { useViewer } from "./use-viewer";

const EVERY = 3000;
/** Milliseconds: log events arrive within "a few minutes", in no order that CloudWatch Logs promises. */
const LATE = 5 * 60_000;
/** Pages that one look for newer entries reads at most; it ends with the first whose oldest entry is known. */
const MOST_PAGES = 5;
/** Every so many looks one goes on to what came late, however much is known before it. */
const SWEEP = 20;
const MOST_SWEPT = 25;

export interface Log extends Pick<LogState, "key" | "entries" | "page" | "error" | "loading"> {
  /** At least: looks for newer entries read the last minutes over and over. */
  unparseableLines: number;
  /** They are of the filters before: those of the ones that were chosen are on their way. */
  stale: boolean;
  loadOlder: (() => void) | undefined;
  reload(): void;
}

/** The access log from its newest entry backward, as far as it is asked for, and onward as long as it is live. */
export function useLog(address: URLSearchParams, filter: Query, live: boolean): Log {
  const { api } = useApp();
  const [log, setLog] = useState(NOTHING);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { viewer, isWaiting } = useViewer(() => log.error && reload());
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
      (page) => setLog(startOf(key, page)),
      (error: Error) => fail(error, abort.signal),
    );
    return () => abort.abort();
  }, [key, api, isWaiting]);

  useInterval(() => void loadNewer(), live ? EVERY : undefined);
  const { page, loading } = log;
  return {
    ...log,
    stale: log.key !== key && log.entries.length > 0,
    unparseableLines: log.unparseableLines + log.unparseableSince,
    loadOlder: page?.cursor === undefined || loading ? undefined : () => void loadOlder(page.cursor ?? ""),
    reload,
  };

  async function loadOlder(cursor: string): Promise<void> {
    const { signal } = running.current;
    setLog((before) => ({ ...before, loading: true }));
    try {
      const older = await api.accessLog({ ...question(), cursor }, signal);
      setLog((before) => withOlderPage(before, older, cursor));
    } catch (error) {
      fail(error as Error, signal);
    }
  }

  async function loadNewer(): Promise<void> {
    const { signal } = running.current;
    const { entries, loading, page, error, seen, looks } = latest.current;
    if (page === undefined && error !== undefined && !loading && mayPass(error)) reload();
    if (loading || page === undefined || looking.current === signal) return;
    looking.current = signal;
    const since = minuteOf(Math.max(seen - LATE, Date.parse(page.readFrom)));
    const read = (cursor: string | undefined) => api.accessLog({ ...filter, from: isoInstant(since), cursor }, signal);
    const known = idsSince(entries, since);
    const isSweep = looks % SWEEP === SWEEP - 1;
    try {
      const look = await readNewer(read, isSweep ? MOST_SWEPT : MOST_PAGES, (id) => !isSweep && known.has(id));
      if (!signal.aborted) setLog((before) => withLook(before, look));
    } catch (error) {
      fail(error as Error, signal);
    }
    if (looking.current === signal) looking.current = undefined;
  }

  function fail(error: Error, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = apiErrorOf(error);
    // What belongs to other filters does not stay under those that were chosen.
    const keeps = (before: LogState) => before.key === key && !endsView(known);
    setLog((before) => ({ ...(keeps(before) ? before : NOTHING), key, error: known, loading: false }));
  }
}
