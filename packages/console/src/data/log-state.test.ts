import { describe, expect, it } from "vitest";

import type { AccessLogEntry, AccessLogPage } from "./api";
import { type LogState, startOf, withLook, withOlderPage } from "./log-state";
import type { Look } from "./read-newer";

const AT = Date.parse("2026-11-23T09:30:00Z");
/** Entries by letters, each a second after the one before in the alphabet. */
const entriesOf = (letters: string): AccessLogEntry[] =>
  [...letters].map((requestId) => ({
    requestId,
    requestTimeEpoch: AT + requestId.charCodeAt(0) * 1000,
    status: 200,
    responseLength: 0,
    responseLatency: 1,
  }));
const pageOf = (letters: string, cursor?: string, unparseableLines = 0): AccessLogPage => ({
  from: "2026-11-23T09:00:00.000Z",
  to: "2026-11-23T09:30:00.000Z",
  readFrom: "2026-11-23T09:29:00.000Z",
  complete: cursor === undefined,
  insightsQuery: "",
  unparseableLines,
  items: entriesOf(letters),
  ...(cursor !== undefined && { cursor }),
});
const lookOf = (letters: string, isWhole: boolean, cursor?: string, unparseableLines = 0): Look => ({
  entries: entriesOf(letters),
  page: pageOf(letters.slice(-1), cursor),
  to: AT + 60_000,
  unparseableLines,
  isWhole,
});
const ids = ({ entries }: LogState) => entries.map(({ requestId }) => requestId).join("");
const start = startOf("key", pageOf("dc", "older", 1));

describe("a page of older entries", () => {
  it("comes at the end, and its cursor leads on", () => {
    const after = withOlderPage(start, pageOf("cba", "oldest", 2), "older");
    expect([ids(after), after.page?.cursor, after.unparseableLines, after.loading]).toEqual([
      "dcba",
      "oldest",
      3,
      false,
    ]);
  });

  it("has no place in a list that began anew while it was read", () => {
    const anew = withLook(start, lookOf("zyx", false, "w"));
    const after = withOlderPage({ ...anew, loading: true }, pageOf("ba"), "older");
    expect([ids(after), after.page?.cursor, after.loading]).toEqual(["zyx", "w", false]);
  });
});

describe("a look for newer entries", () => {
  it("adds what is new, and counts what it cannot read at most once", () => {
    const once = withLook(start, lookOf("fed", true, undefined, 2));
    const after = withLook(once, lookOf("gfe", true, undefined, 1));
    expect(ids(after)).toBe("gfedc");
    expect([after.unparseableLines, after.unparseableSince, after.looks]).toEqual([1, 2, 2]);
    expect(after.page?.cursor).toBe("older"); // what is older is where it was
  });

  it("begins the list anew where it does not reach what is known, so that there is no hole", () => {
    const after = withLook(start, lookOf("zyx", false, "w", 2));
    expect([ids(after), after.page?.cursor, after.key]).toEqual(["zyx", "w", "key"]);
    expect([after.unparseableLines, after.unparseableSince]).toEqual([2, 0]);
  });

  it("adds to the list where its oldest entry is known, even if there is more to read", () => {
    expect(ids(withLook(start, lookOf("fed", false, "more")))).toBe("fedc");
  });
});
