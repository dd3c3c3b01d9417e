import { describe, expect, it } from "vitest";

import type { LogPage, ReadPage } from "../access-log/search-windows";
import { AppError } from "../error";
import { parse } from "../input";
import { FunctionLogAnswer } from "./answer";
import { FunctionLogQuery, searchFunctionLog } from "./search";

const ID = "8f5a1c1e-8d0b-4c55-9a3e-2f4b7d1e6a90";
const AT = "2026-11-23T09:30:00.000Z";
const NOW = Date.parse(AT);
const query = { route: "GET /events", integrationRequestId: ID, at: AT };

/** A log group that returns these pages in turn, and then the last one again and again. */
function logs(...pages: (LogPage | "busy" | AppError)[]) {
  const calls: [logGroup: string, request: Parameters<ReadPage>[0]][] = [];
  const pagesOf =
    (logGroup: string): ReadPage =>
    async (request) => {
      calls.push([logGroup, request]);
      const page = pages[Math.min(calls.length, pages.length) - 1] ?? { lines: [] };
      if (page instanceof AppError) throw page;
      return page;
    };
  return { calls, of: { groups: { "GET /events": "/aws/lambda/ReadEvents-dev" }, pagesOf } };
}

/** Parses the query string first, as the operation does. */
const search = async (given: object, { of }: ReturnType<typeof logs>, clock = () => 0) =>
  await searchFunctionLog(parse(FunctionLogQuery, given), of, clock);
const lineAt = (timestamp: number, message = "text") => ({ timestamp, message });

describe("GET /function-log", () => {
  // A term with characters other than letters and digits is quoted:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
  it("searches the log of the route's function for the id, around the request's arrival", async () => {
    const group = logs({ lines: [] });
    expect(await search(query, group)).toEqual({ logGroup: "/aws/lambda/ReadEvents-dev", records: [], complete: true });
    const range = { from: NOW - 60_000, to: NOW + 300_000, pattern: `"${ID}"` };
    expect(group.calls).toEqual([["/aws/lambda/ReadEvents-dev", range]]);
  });

  it("returns the records of all pages in order, parsed if they are JSON", async () => {
    const group = logs(
      { lines: [lineAt(NOW, `{"requestId":"${ID}"}`)], token: "more" },
      { lines: [], token: "still more" },
      { lines: [lineAt(NOW + 5, "START {"), lineAt(NOW + 6, "7")] },
    );
    const answer = await search(query, group);
    expect(FunctionLogAnswer.parse(answer)).toEqual({
      logGroup: "/aws/lambda/ReadEvents-dev",
      records: [
        { timestamp: AT, message: { requestId: ID } },
        { timestamp: "2026-11-23T09:30:00.005Z", message: "START {" },
        { timestamp: "2026-11-23T09:30:00.006Z", message: 7 },
      ],
      complete: true,
    });
    expect(group.calls.map(([, { token }]) => token)).toEqual([undefined, "more", "still more"]);
  });

  it.each([
    [200, 200, true],
    [201, 200, false],
  ])("of %d records returns %d", async (existing, returned, complete) => {
    const answer = await search(query, logs({ lines: Array.from({ length: existing }, (_, index) => lineAt(index)) }));
    expect([answer.records.length, answer.complete]).toEqual([returned, complete]);
  });

  it("stops after ten calls, and starts no call after 4 s", async () => {
    const endless = logs({ lines: [], token: "more" });
    expect(await search(query, endless)).toMatchObject({ complete: false });
    expect(endless.calls).toHaveLength(10);

    const slow = logs({ lines: [], token: "more" });
    let time = 0;
    const clock = () => time++ * 2_000; // read once at the start, and before every call but the first
    expect(await search(query, slow, clock)).toMatchObject({ complete: false });
    expect(slow.calls).toHaveLength(2);
  });

  it("returns what it has if CloudWatch Logs is busy, and fails with 429 if it has nothing", async () => {
    const throttled = logs({ lines: [lineAt(NOW)], token: "more" }, "busy");
    expect(await search(query, throttled)).toMatchObject({ records: [{ message: "text" }], complete: false });
    await expect(search(query, logs("busy"))).rejects.toMatchObject({ kind: "limit", code: "function-log.busy" });
  });

  it("returns what it has if CloudWatch Logs fails, and fails with 503 if it has nothing", async () => {
    const unavailable = new AppError("unavailable", "store.unavailable", "CloudWatch Logs cannot be reached.");
    const failing = logs({ lines: [lineAt(NOW)], token: "more" }, unavailable);
    expect(await search(query, failing)).toMatchObject({ records: [{ message: "text" }], complete: false });
    await expect(search(query, logs(unavailable))).rejects.toBe(unavailable);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a route without a function", { route: "GET /nowhere" }, "/route"],
    ["a route that every object has as a property", { route: "constructor" }, "/route"],
    ["an id that is a filter pattern", { integrationRequestId: '" ?ERROR "' }, "/integrationRequestId"],
    ["an id in capitals", { integrationRequestId: ID.toUpperCase() }, "/integrationRequestId"],
    ["two ids", { integrationRequestId: `${ID} ${ID}` }, "/integrationRequestId"],
    ["no id", { integrationRequestId: undefined }, "/integrationRequestId"],
    ["a day", { at: "2026-11-23" }, "/at"],
    ["a log group that the caller chose", { logGroup: "/aws/lambda/x" }, "/logGroup"],
  ])("rejects %s and calls nothing", async (_what, change, pointer) => {
    const group = logs({ lines: [] });
    const asking = async () => await search({ ...query, ...change }, group);
    await expect(asking()).rejects.toMatchObject({ kind: "input", errors: [{ pointer }] });
    expect(group.calls).toEqual([]);
  });
});
