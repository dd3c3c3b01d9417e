import { useEffect, useState } from "preact/hooks";

/** A value that components subscribe to. */
export interface Store<T> {
  current(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(first: T): Store<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    current: () => value,
    set(next) {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.current());
  useEffect(() => {
    setValue(() => store.current()); // it may have changed since the first render
    return store.subscribe(() => setValue(() => store.current()));
  }, [store]);
  return value;
}
