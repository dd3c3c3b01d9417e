import { describe, expect, it } from "vitest";

import type { AccessLogEntry, AccessLogPage } from "./api";
import { type LogState, newLog, withOlderPage, withPoll } from "./log-state";
import type { Poll } from "./read-newer";

const AT = Date.parse("2026-11-23T09:30:00Z");
/** One entry per letter; each is a second later than the previous letter. */
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
const pollOf = (letters: string, isComplete: boolean, cursor?: string, unparseableLines = 0): Poll => ({
  entries: entriesOf(letters),
  page: pageOf(letters.slice(-1), cursor),
  to: AT + 60_000,
  unparseableLines,
  isComplete,
});
const ids = ({ entries }: LogState) => entries.map(({ requestId }) => requestId).join("");
const start = newLog("key", pageOf("dc", "older", 1));

describe("a page of older entries", () => {
  it("goes to the end, and its cursor is the next one", () => {
    const after = withOlderPage(start, pageOf("cba", "oldest", 2), "older");
    expect([ids(after), after.page?.cursor, after.unparseableLines, after.loading]).toEqual([
      "dcba",
      "oldest",
      3,
      false,
    ]);
  });

  it("is ignored if the list restarted while it loaded", () => {
    const restarted = withPoll(start, pollOf("zyx", false, "w"));
    const after = withOlderPage({ ...restarted, loading: true }, pageOf("ba"), "older");
    expect([ids(after), after.page?.cursor, after.loading]).toEqual(["zyx", "w", false]);
  });
});

describe("a poll for newer entries", () => {
  it("adds new entries, and counts an unparseable line once", () => {
    const once = withPoll(start, pollOf("fed", true, undefined, 2));
    const after = withPoll(once, pollOf("gfe", true, undefined, 1));
    expect(ids(after)).toBe("gfedc");
    expect([after.unparseableLines, after.unparseableInPolls, after.polls]).toEqual([1, 2, 2]);
    expect(after.page?.cursor).toBe("older"); // the older pages are unchanged
  });

  it("restarts the list if it does not reach the known entries, so that there is no gap", () => {
    const after = withPoll(start, pollOf("zyx", false, "w", 2));
    expect([ids(after), after.page?.cursor, after.key]).toEqual(["zyx", "w", "key"]);
    expect([after.unparseableLines, after.unparseableInPolls]).toEqual([2, 0]);
  });

  it("adds to the list if its oldest entry is known, even if there is more to read", () => {
    expect(ids(withPoll(start, pollOf("fed", false, "more")))).toBe("fedc");
  });
});
