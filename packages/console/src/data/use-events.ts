import { useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { AuditPage, ListedAuditEvent, Query } from "./api";
import { useLoad } from "./use-load";

/** Events of a view, page by page. */
export function useEvents(filter: Query) {
  const { api } = useApp();
  const key = JSON.stringify(filter);
  const [more, setMore] = useState<{
    of: AuditPage | undefined;
    items: ListedAuditEvent[];
    cursor?: string | undefined;
  }>();
  const [loadingMore, setLoadingMore] = useState(false);
  const [problem, setProblem] = useState<{ of: string; message: string }>();
  const first = useLoad(key, (signal) => api.events({ ...filter, limit: "50" }, signal));
  const isOfThis = more !== undefined && more.of === first.data;
  const cursor = isOfThis ? more.cursor : first.data?.cursor;

  return {
    ...first,
    events: first.data && [...first.data.items, ...(isOfThis ? more.items : [])],
    stale: first.data !== undefined && first.loadedKey !== key,
    cursor,
    loadingMore,
    problem: problem?.of === key ? problem.message : undefined,
    loadMore,
  };

  async function loadMore(): Promise<void> {
    setLoadingMore(true);
    setProblem(undefined);
    try {
      const page = await api.events({ ...filter, limit: "50", cursor }, AbortSignal.timeout(30_000));
      setMore({ of: first.data, items: [...(isOfThis ? more.items : []), ...page.items], cursor: page.cursor });
    } catch (error) {
      setProblem({ of: key, message: (error as Error).message });
    }
    setLoadingMore(false);
  }
}
