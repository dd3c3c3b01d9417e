import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { expect, it } from "vitest";

import { idsSince, MAX_ENTRIES, withNewer, withOlder, withText } from "./log-list";

const entry = (requestId: string, fields: Partial<AccessLogEntry> = {}): AccessLogEntry => ({
  requestId,
  requestTimeEpoch: 0,
  status: 200,
  responseLength: 0,
  responseLatency: 1,
  ...fields,
});
const ids = (entries: AccessLogEntry[]) => entries.map(({ requestId }) => requestId).join("");

it("adds newer entries at the front and older ones at the end, without duplicates", () => {
  const list = [entry("c"), entry("b")];
  expect(ids(withNewer(list, [entry("d"), entry("c")]))).toBe("dcb");
  expect(ids(withOlder(list, [entry("b"), entry("a")]))).toBe("cba");
});

it("inserts a late entry where it belongs", () => {
  const at = (requestId: string, requestTimeEpoch: number) => entry(requestId, { requestTimeEpoch });
  const list = [at("e", 50), at("c", 30), at("b", 20), at("a", 10)];
  expect(ids(withNewer(list, [at("f", 60), at("d", 40), at("c", 30)]))).toBe("fedcba");
  expect(ids(withNewer(list, [at("_", 5)]))).toBe("ecba_");
});

it.each([
  [30, "ec"],
  [31, "e"],
  [0, "ecb"],
  [51, ""],
])("returns the ids since %d", (time, expected) => {
  const list = [50, 30, 20].map((at, index) => entry("ecb".charAt(index), { requestTimeEpoch: at }));
  expect([...idsSince(list, time)].join("")).toBe(expected);
});

it("returns the same list if nothing is new", () => {
  const list = [entry("a")];
  expect(withNewer(list, [entry("a")])).toBe(list);
});

it("holds at most its limit", () => {
  const list = Array.from({ length: MAX_ENTRIES }, (_, at) => entry(`${at}`));
  expect(withNewer(list, [entry("new")])).toHaveLength(MAX_ENTRIES);
  expect(withOlder(list, [entry("old")])).toHaveLength(MAX_ENTRIES);
});

it("finds entries that contain all words, in any field and case", () => {
  const list = [entry("a", { userAgent: "Curl/8", status: 404 }), entry("b", { userAgent: "curl/8" })];
  expect(ids(withText(list, " CURL 404 "))).toBe("a");
  expect(withText(list, "  ")).toBe(list);
});
