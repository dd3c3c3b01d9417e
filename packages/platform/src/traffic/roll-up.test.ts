import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type DeliveredLine, partialsOf } from "./partial";
import { rollUp } from "./roll-up";
import { memoryStore } from "./store";

const MINUTE = Date.parse("2026-11-23T09:30:00Z");
const line = (id: string, timestamp: number): DeliveredLine => ({
  id,
  timestamp,
  message: JSON.stringify({
    ...{
      requestId: id,
      requestTimeEpoch: timestamp,
      status: 200,
      responseLength: 7,
      responseLatency: Number(id) + 0.1,
    },
    ...{ routeKey: `GET /${id}`, sourceIp: `203.0.113.${id}` },
  }),
});

describe("a delivery", () => {
  it("becomes one item for each of its minutes", () => {
    const lines = [line("2", MINUTE + 59_999), line("1", MINUTE), line("3", MINUTE + 60_000)];
    // printf '1\n2\n3' | sha256sum
    const delivery = "ad53e8806d17c82d38902738d1d47d96bddaade27513466322efa0f793149dd0";
    expect(partialsOf(lines).map(({ minute, item: { body, ...item } }) => [minute, item])).toEqual([
      // 16 days after the minute: date -u -d 2026-12-09T09:31:00Z +%s
      [MINUTE, { pk: "partial#2026-11-23T09", sk: `2026-11-23T09:30#${delivery}`, expiresAt: 1_796_808_660 }],
      [MINUTE + 60_000, { pk: "partial#2026-11-23T09", sk: `2026-11-23T09:31#${delivery}`, expiresAt: 1_796_808_720 }],
    ]);
  });

  it("has the same bytes for any order of its lines", { tags: ["sampled"] }, () => {
    const lines = Array.from({ length: 30 }, (_, index) => line(String(index), MINUTE + index * 10_000));
    const sorted = (some: DeliveredLine[]) => partialsOf(some).sort((a, b) => a.minute - b.minute);
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
        expect(sorted(shuffled)).toEqual(sorted(lines));
      }),
      sampled({ suite: 20, soak: 2000 }),
    );
  });

  it.each([
    ["another line", ["1", "2", "4"]],
    ["one line less", ["1", "2"]],
    ["ids that are equal when concatenated", ["1", "23"]],
    ["a line twice", ["1", "2", "3", "3"]],
  ])("with %s has another key", (_title, ids) => {
    const keysOf = (some: string[]) => partialsOf(some.map((id) => line(id, MINUTE))).map(({ item }) => item.sk);
    expect(keysOf(ids)).not.toEqual(keysOf(["1", "2", "3"]));
  });

  // Compaction starts 3 minutes after a minute's end. A write may take up to 2 minutes.
  it.each([
    ["just before a minute after", 2 * 60_000 - 1, ["partial#2026-11-23T09 2026-11-23T09:30"]],
    ["a minute after", 2 * 60_000, ["late#2026-11-23T09 2026-11-23T09:30", "partial#2026-11-23T09 2026-11-23T09:30"]],
    ["a day after", 24 * 3_600_000, ["late#2026-11-24T09 2026-11-23T09:30", "partial#2026-11-23T09 2026-11-23T09:30"]],
  ])("that arrives %s its minute's end gets a marker first if it is late", async (_title, after, writes) => {
    const store = memoryStore();
    await rollUp([line("1", MINUTE + 1)], store, MINUTE + after);
    expect([...store.items.keys()].map((key) => key.split("#").slice(0, 2).join("#"))).toEqual(writes);
  });

  it("without lines writes nothing", async () => {
    const store = memoryStore();
    await rollUp([], store, MINUTE);
    expect(store.items.size).toBe(0);
  });
});
