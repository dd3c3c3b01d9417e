import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { ApiError } from "./problem";
import { session } from "./session";
import { useStore } from "./store";

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
 * Loads again when the key or the token changes; what was under way is given up.
 *
 * @param every milliseconds after which to load once more, while the page can be seen
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every?: number): Loaded<T> {
  const { token, busy = false } = useStore(session);
  const isWaiting = busy && token === undefined;
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>(NOTHING);
  const current = useRef(load);
  current.current = load;
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    if (isWaiting) return;
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    current.current(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ data, loadedKey: key, error: undefined, loading: false }),
      (error: Error) => !abort.signal.aborted && setState((before) => failed(before, error)),
    );
    return () => abort.abort();
  }, [key, token, round, isWaiting]);

  useInterval(reload, every);
  return { ...state, reload };
}

function failed<T>(before: Omit<Loaded<T>, "reload">, error: Error) {
  const known = error instanceof ApiError ? error : new ApiError("unreadable", error.message);
  // What somebody may no longer see does not stay on the screen.
  const isOver = known.kind === "signed-out" || known.status === 401 || known.status === 403;
  return { ...(isOver ? NOTHING : before), error: known, loading: false };
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
