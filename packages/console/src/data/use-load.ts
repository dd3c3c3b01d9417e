import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type ApiError, apiErrorOf, endsView, isRetryable } from "./problem";
import { RECOVERY_POLL_MS } from "./reachability";
import { useViewer } from "./use-viewer";

export interface Loaded<T> {
  /** The last loaded data. It stays while newer data loads, so that the layout doesn't jump. */
  data: T | undefined;
  /** The key of `data`. */
  loadedKey: string | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload(): void;
}

type State<T> = Omit<Loaded<T>, "reload">;
/** Data belongs to the viewer that it was loaded for. */
type ViewerState<T> = State<T> & { viewer: Viewer };
type Viewer = ReturnType<typeof useViewer>["viewer"];

const EMPTY = { data: undefined, loadedKey: undefined, error: undefined, loading: true };

/**
 * Loads data, and loads it again when the key or the viewer changes. A load in progress is aborted.
 *
 * @param intervalMs reloads after this time while the page is visible, unless a load is in progress
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, intervalMs?: number): Loaded<T> {
  const [state, setState] = useState<ViewerState<T>>({ ...EMPTY, viewer: undefined });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { viewer, isWaiting } = useViewer(() => state.error && reload());
  const current = useRef({ load, loading: false });
  current.current.load = load;

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    current.current.loading = true;
    setState((before) => ({ ...(before.viewer === viewer ? before : EMPTY), viewer, loading: true }));
    const end = (next: (before: State<T>) => State<T>) => {
      if (abort.signal.aborted) return;
      current.current.loading = false;
      setState((before) => ({ ...next(before), viewer }));
    };
    current.current.load(abort.signal).then(
      (data) => end(() => ({ data, loadedKey: key, error: undefined, loading: false })),
      (error: Error) => end((before) => withError(before, key, error)),
    );
    return () => abort.abort();
  }, [key, viewer, round, isWaiting]);

  useInterval(
    () => {
      if (!current.current.loading) reload();
    },
    intervalAfter(state.error, intervalMs),
  );
  // Not in an effect, which would show one frame with another viewer's data.
  const { data, loadedKey, error, loading } = state.viewer === viewer ? state : EMPTY;
  return { data, loadedKey, error, loading, reload };
}

/** An API that is down is asked again even if the page isn't live. */
function intervalAfter(error: ApiError | undefined, intervalMs: number | undefined): number | undefined {
  if (error?.kind === "down") return RECOVERY_POLL_MS;
  return error === undefined || isRetryable(error) ? intervalMs : undefined;
}

function withError<T>(before: State<T>, key: string, error: Error): State<T> {
  const apiError = apiErrorOf(error);
  const keepsData = before.loadedKey === key && !endsView(apiError);
  return { ...(keepsData ? before : EMPTY), error: apiError, loading: false };
}

/** Calls at an interval while the page is visible, and at once when it becomes visible again. */
export function useInterval(call: () => void, intervalMs: number | undefined): void {
  const current = useRef(call);
  current.current = call;
  useEffect(() => {
    if (intervalMs === undefined) return;
    let timer = setInterval(tick, intervalMs);
    document.addEventListener("visibilitychange", onVisibilityChange);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisibilityChange);
    };
    function tick() {
      if (!document.hidden) current.current();
    }
    function onVisibilityChange() {
      clearInterval(timer);
      if (document.hidden) return;
      current.current();
      timer = setInterval(tick, intervalMs);
    }
  }, [intervalMs]);
}
