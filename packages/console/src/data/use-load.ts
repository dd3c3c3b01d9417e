import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type ApiError, apiErrorOf, endsView, mayPass } from "./problem";
import { useViewer } from "./use-viewer";

export interface Loaded<T> {
  /** The last that was loaded: it stays while more is on its way, so that nothing jumps. */
  data: T | undefined;
  /** The key that it was loaded for. */
  loadedKey: string | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload(): void;
}

const NOTHING = { data: undefined, loadedKey: undefined, error: undefined, loading: true };

/**
 * Loads again when the key or the viewer changes; what was under way is given up.
 *
 * @param every milliseconds after which to load once more, while the page can be seen, unless that is still under way
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every?: number): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>(NOTHING);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { viewer, isWaiting } = useViewer(() => state.error && reload());
  const current = useRef({ load, viewer, loading: false });
  current.current.load = load;

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    const isOther = current.current.viewer !== viewer;
    Object.assign(current.current, { viewer, loading: true });
    setState((before) => ({ ...(isOther ? NOTHING : before), loading: true }));
    const end = (next: (before: Omit<Loaded<T>, "reload">) => Omit<Loaded<T>, "reload">) => {
      if (abort.signal.aborted) return;
      current.current.loading = false;
      setState(next);
    };
    current.current.load(abort.signal).then(
      (data) => end(() => ({ data, loadedKey: key, error: undefined, loading: false })),
      (error: Error) => end((before) => failed(before, key, error)),
    );
    return () => abort.abort();
  }, [key, viewer, round, isWaiting]);

  useInterval(
    () => {
      if (!current.current.loading) reload();
    },
    state.error === undefined || mayPass(state.error) ? every : undefined,
  );
  return { ...state, reload };
}

function failed<T>(before: Omit<Loaded<T>, "reload">, key: string, error: Error) {
  const known = apiErrorOf(error);
  const keeps = before.loadedKey === key && !endsView(known);
  return { ...(keeps ? before : NOTHING), error: known, loading: false };
}

/** Calls while the page can be seen; at once when it is seen again. `undefined`: not at all. */
export function useInterval(call: () => void, every: number | undefined): void {
  const current = useRef(call);
  current.current = call;
  useEffect(() => {
    if (every === undefined) return;
    let timer = setInterval(tick, every);
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
    function tick() {
      if (!document.hidden) current.current();
    }
    function seen() {
      clearInterval(timer);
      if (document.hidden) return;
      current.current();
      timer = setInterval(tick, every);
    }
  }, [every]);
}
