import { expect, it } from "vitest";

import type { AccessLogEntry, AccessLogPage } from "./api";
import { readNewer } from "./read-newer";

const entry = (requestId: string): AccessLogEntry => ({
  requestId,
  requestTimeEpoch: 0,
  status: 200,
  responseLength: 0,
  responseLatency: 1,
});

/** Pages with one entry per letter. Each page has one unparseable line. */
function log(...pages: string[]) {
  const cursors: (string | undefined)[] = [];
  const read = async (cursor: string | undefined): Promise<AccessLogPage> => {
    cursors.push(cursor);
    const at = Number(cursor ?? 0);
    return {
      from: "2026-11-23T09:00:00.000Z",
      to: `2026-11-23T09:30:0${at}.000Z`,
      items: [...(pages[at] ?? "")].map(entry),
      unparseableLines: 1,
      readFrom: "",
      complete: at === pages.length - 1,
      insightsQuery: "",
      ...(at < pages.length - 1 && { cursor: `${at + 1}` }),
    };
  };
  return { read, cursors };
}

it.each<[string, string[], string, number, string, boolean]>([
  ["stops at a page whose oldest entry is known", ["fe", "dc", "ba"], "c", 5, "fedc", true],
  ["continues if only a newer entry is known", ["fe", "dc", "ba"], "fda", 5, "fedcba", true],
  ["stops at the end of the log", ["fe", "dc"], "", 5, "fedc", true],
  ["continues after an empty page", ["", "", "ba"], "a", 5, "ba", true],
  ["stops at the page limit, and reports that there is more", ["fe", "dc", "ba"], "a", 2, "fedc", false],
])("%s", async (_title, pages, known, maxPages, expected, isComplete) => {
  const { read } = log(...pages);
  const poll = await readNewer(read, maxPages, (id) => known.includes(id));
  expect(poll.entries.map(({ requestId }) => requestId).join("")).toBe(expected);
  expect(poll.isComplete).toBe(isComplete);
});

it("returns how far it has read, the unparseable lines, and the next cursor", async () => {
  const { read, cursors } = log("fe", "dc", "ba");
  const { to, unparseableLines, page } = await readNewer(read, 2, () => false);
  expect([to, unparseableLines, page.cursor]).toEqual([Date.parse("2026-11-23T09:30:00Z"), 2, "2"]);
  expect(cursors).toEqual([undefined, "1"]);
});
