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
 * The API's search over a log of this rate. A call to CloudWatch Logs reads at most 10,000 events:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
function api(linesPerSecond: number, wanted: number | undefined) {
  const EVENTS_PER_CALL = 10_000;
  let calls = 0;
  const queries: Query[] = [];
  const readPage: ReadPage = async ({ from, to, token }) => {
    calls += 1;
    const begin = token === undefined ? from : Number(token);
    const end = Math.min(to, begin + Math.max(1, Math.floor((EVENTS_PER_CALL / linesPerSecond) * 1000)));
    const isHere = wanted !== undefined && wanted >= begin && wanted < end;
    const entry = { requestId: ID, requestTimeEpoch: wanted, status: 200, responseLength: 1, responseLatency: 1 };
    const lines: LogLine[] = isHere ? [{ timestamp: wanted, message: JSON.stringify(entry) }] : [];
    return { lines, ...(end < to && { token: String(end) }) };
  };
  const read = async (query: Query) => {
    queries.push(query);
    const parameters = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    return (await searchAccessLog(parse(AccessLogQuery, parameters), readPage, NOW, () => NOW)) as AccessLogPage;
  };
  return { read, queries, calls: () => calls };
}

describe("a link to a request", () => {
  it.each([1, 50, 1_000])("finds it in one request, in a log of %i lines per second", async (linesPerSecond) => {
    const { read, queries, calls } = api(linesPerSecond, AT + 300);
    expect(await findRequest(read, ID, AT, NOW)).toMatchObject({ requestId: ID });
    expect(queries).toHaveLength(1);
    expect(calls()).toBeLessThanOrEqual(5);
  });

  it.each([
    ["half a minute", 30_000, 50],
    ["half an hour", 1_800_000, 1],
  ])("finds it %s from the time of the link", async (_title, off, linesPerSecond) => {
    for (const wanted of [AT + off, AT - off]) {
      expect(await findRequest(api(linesPerSecond, wanted).read, ID, AT, NOW)).toMatchObject({ requestId: ID });
    }
  });

  it("reports that it does not exist, after searching an hour on each side", async () => {
    const { read, queries } = api(1, undefined);
    expect(await findRequest(read, ID, AT, NOW)).toBe("none");
    expect(queries.at(-1)).toMatchObject({ from: "2026-11-23T09:00:00.000Z", to: "2026-11-23T11:00:00.000Z" });
  });

  it("gives up after ten pages of a log that is too large", async () => {
    const { read, queries } = api(100_000, undefined);
    expect(await findRequest(read, ID, AT, NOW)).toBe("too-far");
    expect(queries.length).toBeLessThanOrEqual(30);
  });

  it("searches the last 30 days without a time", async () => {
    const { read, queries } = api(0.01, NOW - 10 * 86_400_000);
    expect(await findRequest(read, ID, undefined, NOW)).toMatchObject({ requestId: ID });
    expect(queries[0]).toMatchObject({ from: "2026-10-24T12:00:00.000Z" });
  });
});
