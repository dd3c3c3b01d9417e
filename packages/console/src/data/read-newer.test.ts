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

/** Pages, each of the entries named by its letters, one line of each not readable. */
function log(...pages: string[]) {
  const asked: (string | undefined)[] = [];
  const read = async (cursor: string | undefined): Promise<AccessLogPage> => {
    asked.push(cursor);
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
  return { read, asked };
}

it.each<[string, string[], string, number, string, boolean]>([
  ["ends with a page whose oldest entry is known", ["fe", "dc", "ba"], "c", 5, "fedc", true],
  ["goes on where only a newer one is known", ["fe", "dc", "ba"], "fda", 5, "fedcba", true],
  ["ends where the log ends", ["fe", "dc"], "", 5, "fedc", true],
  ["goes on over a page without an entry", ["", "", "ba"], "a", 5, "ba", true],
  ["ends after some pages, and says that there is more", ["fe", "dc", "ba"], "a", 2, "fedc", false],
])("%s", async (_title, pages, known, most, expected, isWhole) => {
  const { read } = log(...pages);
  const look = await readNewer(read, most, (id) => known.includes(id));
  expect(look.entries.map(({ requestId }) => requestId).join("")).toBe(expected);
  expect(look.isWhole).toBe(isWhole);
});

it("tells until when it has asked, how much it could not read, and how to go on", async () => {
  const { read, asked } = log("fe", "dc", "ba");
  const { to, unparseableLines, page } = await readNewer(read, 2, () => false);
  expect([to, unparseableLines, page.cursor]).toEqual([Date.parse("2026-11-23T09:30:00Z"), 2, "2"]);
  expect(asked).toEqual([undefined, "1"]);
});
