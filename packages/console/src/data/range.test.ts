import { expect, it } from "vitest";

import { queryOf, rangeOf } from "./range";

const NOW = Date.UTC(2026, 10, 23, 12);
const of = (search: string) => rangeOf(new URLSearchParams(search), "1h", NOW);

it.each<[string, number, number, string | undefined]>([
  ["", NOW - 3_600_000, NOW, "1h"],
  ["range=15m", NOW - 900_000, NOW, "15m"],
  ["range=30d", NOW - 30 * 86_400_000, NOW, "30d"],
  ["range=constructor", NOW - 3_600_000, NOW, "1h"],
  ["from=2026-11-23T09:00:00Z&to=2026-11-23T10:00:00Z", NOW - 3 * 3_600_000, NOW - 2 * 3_600_000, undefined],
  ["from=2026-11-23T10:00:00Z&to=2026-11-23T09:00:00Z", NOW - 3_600_000, NOW, "1h"],
  ["from=2026-11-23T09:00:00Z", NOW - 3_600_000, NOW, "1h"],
  ["from=x&to=y", NOW - 3_600_000, NOW, "1h"],
  ["from=-271821-04-20T00:00:00Z&to=2026-01-01", NOW - 3_600_000, NOW, "1h"],
  ["from=2026-01-01&to=%2B275760-09-13", NOW - 3_600_000, NOW, "1h"],
  ["from=1970-01-02&to=9999-12-30", Date.UTC(1970, 0, 2), Date.UTC(9999, 11, 30), undefined],
])("reads %j", (search, from, to, name) => {
  expect(of(search)).toEqual({ from, to, ...(name !== undefined && { name }) });
});

it("leaves out `to`, and starts at a full minute, for a range that ends now", () => {
  expect(queryOf(of(""))).toEqual({ from: "2026-11-23T11:00:00.000Z" });
  expect(queryOf({ from: NOW + 59_999, to: NOW + 100_000, name: "15m" })).toEqual({ from: "2026-11-23T12:00:00.000Z" });
  expect(queryOf(of("from=2026-11-23T09:00:00Z&to=2026-11-23T10:00:00Z"))).toEqual({
    from: "2026-11-23T09:00:00.000Z",
    to: "2026-11-23T10:00:00.000Z",
  });
});
