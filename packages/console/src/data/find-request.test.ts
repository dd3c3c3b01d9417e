import { AccessLogQuery, searchAccessLog } from "@backend/platform/access-log/search";
import type { LogLine, ReadPage } from "@backend/platform/access-log/search-windows";
import { parse } from "@backend/platform/input";
import { describe, expect, it } from "vitest";

import type { AccessLogPage, Query } from "./api";
import { findRequest } from "./find-request";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const AT = NOW - 2 * 3_600_000;
const ID = "wanted=";

/**
 * The API's own search, of a log with so many lines a second, as CloudWatch Logs reads it: a call looks through at most
 * 10,000 lines (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html).
 */
function api(linesASecond: number, wanted: number | undefined) {
  const A_CALL = 10_000;
  let calls = 0;
  const asked: Query[] = [];
  const readPage: ReadPage = async ({ from, to, token }) => {
    calls += 1;
    const begin = token === undefined ? from : Number(token);
    const end = Math.min(to, begin + Math.max(1, Math.floor((A_CALL / linesASecond) * 1000)));
    const isHere = wanted !== undefined && wanted >= begin && wanted < end;
    const entry = { requestId: ID, requestTimeEpoch: wanted, status: 200, responseLength: 1, responseLatency: 1 };
    const lines: LogLine[] = isHere ? [{ timestamp: wanted, message: JSON.stringify(entry) }] : [];
    return { lines, ...(end < to && { token: String(end) }) };
  };
  const read = async (query: Query) => {
    asked.push(query);
    const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    return (await searchAccessLog(parse(AccessLogQuery, given), readPage, NOW, () => NOW)) as AccessLogPage;
  };
  return { read, asked, calls: () => calls };
}

describe("a link to a request", () => {
  it.each([1, 50, 1_000])("finds it in a log of %i lines a second, in one request", async (linesASecond) => {
    const { read, asked, calls } = api(linesASecond, AT + 300);
    expect(await findRequest(read, ID, AT, NOW)).toMatchObject({ requestId: ID });
    expect(asked).toHaveLength(1);
    expect(calls()).toBeLessThanOrEqual(5);
  });

  it.each([
    ["half a minute", 30_000, 50],
    ["half an hour", 1_800_000, 1],
  ])("finds it %s from the time in the link", async (_title, off, linesASecond) => {
    for (const wanted of [AT + off, AT - off]) {
      expect(await findRequest(api(linesASecond, wanted).read, ID, AT, NOW)).toMatchObject({ requestId: ID });
    }
  });

  it("says that it is not there, after an hour on each side", async () => {
    const { read, asked } = api(1, undefined);
    expect(await findRequest(read, ID, AT, NOW)).toBe("none");
    expect(asked.at(-1)).toMatchObject({ from: "2026-11-23T09:00:00.000Z", to: "2026-11-23T11:00:00.000Z" });
  });

  it("says that the log is too large to be read, after ten pages", async () => {
    const { read, asked } = api(100_000, undefined);
    expect(await findRequest(read, ID, AT, NOW)).toBe("further");
    expect(asked.length).toBeLessThanOrEqual(30);
  });

  it("without a time searches the last 30 days", async () => {
    const { read, asked } = api(0.01, NOW - 10 * 86_400_000);
    expect(await findRequest(read, ID, undefined, NOW)).toMatchObject({ requestId: ID });
    expect(asked[0]).toMatchObject({ from: "2026-10-24T12:00:00.000Z" });
  });
});
