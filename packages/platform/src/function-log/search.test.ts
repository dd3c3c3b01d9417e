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

/** A log group that answers with these pages, one after the other, and then for ever with the last. */
function logs(...pages: (LogPage | "busy" | AppError)[]) {
  const asked: [logGroup: string, request: Parameters<ReadPage>[0]][] = [];
  const pagesOf =
    (logGroup: string): ReadPage =>
    async (request) => {
      asked.push([logGroup, request]);
      const page = pages[Math.min(asked.length, pages.length) - 1] ?? { lines: [] };
      if (page instanceof AppError) throw page;
      return page;
    };
  return { asked, of: { groups: { "GET /events": "/aws/lambda/ReadEvents-dev" }, pagesOf } };
}

/** As the operation: with a query string that its schema has accepted. */
const search = async (given: object, { of }: ReturnType<typeof logs>, clock = () => 0) =>
  await searchFunctionLog(parse(FunctionLogQuery, given), of, clock);
const lineAt = (timestamp: number, message = "text") => ({ timestamp, message });

describe("GET /function-log", () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html: a term with other characters than
  // letters and digits stands in quotation marks.
  it("looks for the id in the log of the route's function, around the request", async () => {
    const group = logs({ lines: [] });
    expect(await search(query, group)).toEqual({ logGroup: "/aws/lambda/ReadEvents-dev", records: [], complete: true });
    const range = { from: NOW - 60_000, to: NOW + 300_000, pattern: `"${ID}"` };
    expect(group.asked).toEqual([["/aws/lambda/ReadEvents-dev", range]]);
  });

  it("answers records of all pages in their order: objects where they are JSON, else texts", async () => {
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
    expect(group.asked.map(([, { token }]) => token)).toEqual([undefined, "more", "still more"]);
  });

  it.each([
    [200, 200, true],
    [201, 200, false],
  ])("of %d records answers %d", async (there, answered, complete) => {
    const answer = await search(query, logs({ lines: Array.from({ length: there }, (_, index) => lineAt(index)) }));
    expect([answer.records.length, answer.complete]).toEqual([answered, complete]);
  });

  it("ends after ten calls, or with the last that began within 4 s", async () => {
    const endless = logs({ lines: [], token: "more" });
    expect(await search(query, endless)).toMatchObject({ complete: false });
    expect(endless.asked).toHaveLength(10);

    const slow = logs({ lines: [], token: "more" });
    let time = 0;
    const clock = () => time++ * 2_000; // asked once before the first call, and before every other
    expect(await search(query, slow, clock)).toMatchObject({ complete: false });
    expect(slow.asked).toHaveLength(2);
  });

  it("answers what it has where CloudWatch Logs is busy, and 429 where it has nothing", async () => {
    const tiring = logs({ lines: [lineAt(NOW)], token: "more" }, "busy");
    expect(await search(query, tiring)).toMatchObject({ records: [{ message: "text" }], complete: false });
    await expect(search(query, logs("busy"))).rejects.toMatchObject({ kind: "limit", code: "function-log.busy" });
  });

  it("answers what it has if CloudWatch Logs stops answering, and 503 if it has nothing", async () => {
    const unavailable = new AppError("unavailable", "store.unavailable", "CloudWatch Logs cannot be reached.");
    const breaking = logs({ lines: [lineAt(NOW)], token: "more" }, unavailable);
    expect(await search(query, breaking)).toMatchObject({ records: [{ message: "text" }], complete: false });
    await expect(search(query, logs(unavailable))).rejects.toBe(unavailable);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a route without a function", { route: "GET /nowhere" }, "/route"],
    ["a route that every object has", { route: "constructor" }, "/route"],
    ["an id that is a filter pattern", { integrationRequestId: '" ?ERROR "' }, "/integrationRequestId"],
    ["an id in capitals", { integrationRequestId: ID.toUpperCase() }, "/integrationRequestId"],
    ["two ids", { integrationRequestId: `${ID} ${ID}` }, "/integrationRequestId"],
    ["no id", { integrationRequestId: undefined }, "/integrationRequestId"],
    ["a day", { at: "2026-11-23" }, "/at"],
    ["a log group of one's own", { logGroup: "/aws/lambda/x" }, "/logGroup"],
  ])("refuses %s, and asks nothing", async (_what, change, pointer) => {
    const group = logs({ lines: [] });
    const asking = async () => await search({ ...query, ...change }, group);
    await expect(asking()).rejects.toMatchObject({ kind: "input", errors: [{ pointer }] });
    expect(group.asked).toEqual([]);
  });
});
