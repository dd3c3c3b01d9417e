import type { AccessLogEntry } from "@secure-backend/core/access-log/entry";
import { expect, it } from "vitest";

import { MOST_ENTRIES, withNewer, withOlder, withText } from "./log-list";

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
