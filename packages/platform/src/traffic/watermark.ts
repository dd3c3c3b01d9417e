import type { TrafficStore } from "./store";

/** Progress of compaction, in epoch milliseconds. */
export interface Watermark {
  /** Every minute, hour and day that ended by then has a row, unless it had no traffic. */
  through: number;
  /** Start of the last run, which has handled all earlier markers of late partials. */
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
