/** An item of the traffic table. */
export interface TrafficItem {
  pk: string;
  sk: string;
  /** Epoch seconds; absent if the item never expires. */
  expiresAt?: number;
  /** Present on items that are rewritten. `put` compares it. */
  version?: number;
  body: string;
}

export interface TrafficStore {
  /** Writes or replaces an item. Does nothing if the stored item has a greater version. */
  put(item: TrafficItem): Promise<void>;
  /**
   * Reads the items whose sort key is between `first` and `last`, inclusive, or starts with `last`,
   * in the order of their sort keys. Must be strongly consistent.
   */
  query(pk: string, first: string, last: string): AsyncIterable<TrafficItem>;
}

/** Creates a store in memory, for tests. */
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
