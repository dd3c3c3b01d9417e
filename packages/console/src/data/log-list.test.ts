import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { expect, it } from "vitest";

import { idsSince, MOST_ENTRIES, withNewer, withOlder, withText } from "./log-list";

const entry = (requestId: string, fields: Partial<AccessLogEntry> = {}): AccessLogEntry => ({
  requestId,
  requestTimeEpoch: 0,
  status: 200,
  responseLength: 0,
  responseLatency: 1,
  ...fields,
});
const ids = (entries: AccessLogEntry[]) => entries.map(({ requestId }) => requestId).join("");

it("puts newer entries in front and older ones at the end, each once", () => {
  const list = [entry("c"), entry("b")];
  expect(ids(withNewer(list, [entry("d"), entry("c")]))).toBe("dcb");
  expect(ids(withOlder(list, [entry("b"), entry("a")]))).toBe("cba");
});

it("puts an entry that came late where it belongs", () => {
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
])("knows the ids since %d", (time, expected) => {
  const list = [50, 30, 20].map((at, index) => entry("ecb".charAt(index), { requestTimeEpoch: at }));
  expect([...idsSince(list, time)].join("")).toBe(expected);
});

it("is the same list where nothing is new", () => {
  const list = [entry("a")];
  expect(withNewer(list, [entry("a")])).toBe(list);
});

it("holds no more than it can", () => {
  const list = Array.from({ length: MOST_ENTRIES }, (_, at) => entry(`${at}`));
  expect(withNewer(list, [entry("new")])).toHaveLength(MOST_ENTRIES);
  expect(withOlder(list, [entry("old")])).toHaveLength(MOST_ENTRIES);
});

it("finds entries with all of the words, in any field and case", () => {
  const list = [entry("a", { userAgent: "Curl/8", status: 404 }), entry("b", { userAgent: "curl/8" })];
  expect(ids(withText(list, " CURL 404 "))).toBe("a");
  expect(withText(list, "  ")).toBe(list);
});
