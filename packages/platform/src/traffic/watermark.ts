import type { TrafficStore } from "./store";

/** How far compaction has come. Epoch milliseconds. */
export interface Watermark {
  /** Every minute, hour and day that ended by then has its row, if there was traffic in it. */
  through: number;
  /** When the last run began: markers of late partials from before it have been seen to. */
  began: number;
}

const KEY = { pk: "watermark", sk: "compacted" };

export async function readWatermark(store: TrafficStore): Promise<Watermark | undefined> {
  for await (const { version, body } of store.query(KEY.pk, KEY.sk, KEY.sk)) {
    return { through: version ?? 0, began: Number(body) };
  }
  return undefined;
}

export async function writeWatermark(store: TrafficStore, { through, began }: Watermark): Promise<void> {
  await store.put({ ...KEY, version: through, body: String(began) });
}
