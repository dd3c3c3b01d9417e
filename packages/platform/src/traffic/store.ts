/** An item of the traffic table. */
export interface TrafficItem {
  pk: string;
  sk: string;
  /** Epoch seconds; absent on what must not expire. */
  expiresAt?: number;
  /** Of an item that is made anew as more becomes known: what `put` compares. */
  version?: number;
  body: string;
}

export interface TrafficStore {
  /** Writes an item over whatever is there; one with a version, unless a greater version is there. */
  put(item: TrafficItem): Promise<void>;
  /**
   * The items of a partition whose sort key is `first`, `last` or between them, or begins with `last`, in the order of their
   * sort keys. It must see every write that ended before it began.
   */
  query(pk: string, first: string, last: string): AsyncIterable<TrafficItem>;
}

/** A store in memory, for tests. */
export function memoryStore(): TrafficStore & { items: Map<string, TrafficItem> } {
  const items = new Map<string, TrafficItem>();
  return {
    items,
    async put(item) {
      const key = `${item.pk} ${item.sk}`;
      if (item.version !== undefined && (items.get(key)?.version ?? 0) > item.version) return;
      items.set(key, item);
    },
    async *query(pk, first, last) {
      const found = [...items.values()].filter(
        ({ sk, ...item }) => item.pk === pk && sk >= first && (sk <= last || sk.startsWith(last)),
      );
      yield* found.sort((a, b) => (a.sk < b.sk ? -1 : 1));
    },
  };
}
