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

type State<T> = Omit<Loaded<T>, "reload">;
/** What is held belongs to the viewer that it was loaded for. */
type Held<T> = State<T> & { viewer: Viewer };
type Viewer = ReturnType<typeof useViewer>["viewer"];

const NOTHING = { data: undefined, loadedKey: undefined, error: undefined, loading: true };

/**
 * Loads again when the key or the viewer changes; what was under way is given up.
 *
 * @param every milliseconds after which to load once more, while the page can be seen, unless that is still under way
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every?: number): Loaded<T> {
  const [state, setState] = useState<Held<T>>({ ...NOTHING, viewer: undefined });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { viewer, isWaiting } = useViewer(() => state.error && reload());
  const current = useRef({ load, loading: false });
  current.current.load = load;

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    current.current.loading = true;
    setState((before) => ({ ...(before.viewer === viewer ? before : NOTHING), viewer, loading: true }));
    const end = (next: (before: State<T>) => State<T>) => {
      if (abort.signal.aborted) return;
      current.current.loading = false;
      setState((before) => ({ ...next(before), viewer }));
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
  // From the first render on: an effect would let one frame show what another viewer has seen.
  const { data, loadedKey, error, loading } = state.viewer === viewer ? state : NOTHING;
  return { data, loadedKey, error, loading, reload };
}

function failed<T>(before: State<T>, key: string, error: Error): State<T> {
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
