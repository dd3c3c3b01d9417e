import { useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../../app-context";
import type { Query } from "../../data/api";
import { useLoad } from "../../data/use-load";
import { readEvents } from "./api";
import { type EventPages, pagesAfter, withPage } from "./event-pages";

/** Reads the events of a filter, page by page. */
export function useEvents(filter: Query) {
  const { api } = useApp();
  const key = JSON.stringify(filter);
  const [more, setMore] = useState<EventPages>();
  const [loadingMore, setLoadingMore] = useState(false);
  const [problem, setProblem] = useState<string>();
  const first = useLoad(key, (signal) => readEvents(api, { ...filter, limit: "50" }, signal));
  const pages = first.data && pagesAfter(first.data, more);

  // A change of the list aborts requests for older pages.
  const abort = useRef(new AbortController());
  useEffect(() => {
    abort.current = new AbortController();
    setLoadingMore(false);
    setProblem(undefined);
    return () => abort.current.abort();
  }, [key, first.data]);

  return {
    ...first,
    events: pages && [...pages.first.items, ...pages.items],
    stale: first.data !== undefined && first.loadedKey !== key,
    cursor: pages?.cursor,
    loadingMore,
    problem,
    loadMore,
  };

  async function loadMore(): Promise<void> {
    if (pages === undefined) return;
    const { signal } = abort.current;
    setLoadingMore(true);
    setProblem(undefined);
    try {
      const page = await readEvents(api, { ...filter, limit: "50", cursor: pages.cursor }, signal);
      if (!signal.aborted) setMore((current) => withPage(current, pages, page));
    } catch (error) {
      if (!signal.aborted) setProblem((error as Error).message);
    }
    if (!signal.aborted) setLoadingMore(false);
  }
}
