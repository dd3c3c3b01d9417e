import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";

import { AppError } from "../error";
import { parse } from "../input";
import { AccessLogQuery, searchAccessLog as search } from "./search";
import { AccessLogAnswer } from "./search-answer";
import type { LogLine, LogPage, ReadPage } from "./search-windows";

const TO = Date.parse("2026-11-23T09:30:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const frozenClock = () => TO;

function lineOf(timestamp: number, index: number): LogLine {
  const entry = {
    requestId: `r${index}`,
    requestTimeEpoch: timestamp,
    status: 200,
    responseLength: 1,
    responseLatency: 1,
  };
  return { timestamp, message: JSON.stringify(entry) };
}

type Request = Parameters<ReadPage>[0];

/**
 * A log group that behaves as CloudWatch Logs does: it reads forward, in pages of any size, and may
 * return empty pages before the last one.
 */
function logGroup(lines: LogLine[], pageSize = 10_000, empty = 0) {
  const sorted = lines.toSorted((a, b) => a.timestamp - b.timestamp);
  const requests: Request[] = [];
  const readPage: ReadPage = async (request): Promise<LogPage> => {
    requests.push(request);
    expect(request.from).toBeLessThan(request.to);
    const matching = sorted.filter(({ timestamp }) => timestamp >= request.from && timestamp < request.to);
    const [at = 0, skipped = 0] = request.token?.split(" ").map(Number) ?? [];
    if (skipped < empty) return { lines: [], token: `${at} ${skipped + 1}` };
    const next = at + pageSize;
    return { lines: matching.slice(at, next), ...(next < matching.length && { token: `${next} 0` }) };
  };
  return { readPage, requests };
}

/** Parses the query string first, as the operation does. */
const searchAccessLog = async (
  query: Record<string, string | undefined>,
  ...rest: Parameters<typeof search> extends [unknown, ...infer Rest] ? Rest : never
) => await search(parse(AccessLogQuery, query), ...rest);
const idsOf = ({ items }: AccessLogAnswer) => items.map(({ requestId }) => requestId);

/** Follows the cursors to the last page. */
async function everyPage(query: Record<string, string>, readPage: ReadPage): Promise<AccessLogAnswer[]> {
  const answers = [await searchAccessLog(query, readPage, TO, frozenClock)];
  for (let cursor = answers[0]?.cursor; cursor !== undefined; cursor = answers.at(-1)?.cursor) {
    answers.push(await searchAccessLog({ ...query, cursor }, readPage, TO, frozenClock));
    expect(answers.length).toBeLessThan(1_000);
  }
  return answers;
}

describe("GET /access-log", () => {
  it("returns every line once, newest first, over all pages", { tags: ["sampled"] }, async () => {
    const offset = fc.oneof(
      fc.integer({ min: 1, max: DAY }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 5 * HOUR, max: 5 * HOUR + 500 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(offset, { maxLength: 700 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat({ max: 2 }),
        async (offsets, pageSize, empty) => {
          const lines = offsets.map((offset, index) => lineOf(TO - offset, index));
          const answers = await everyPage({}, logGroup(lines, pageSize, empty).readPage);
          const found = answers.flatMap(idsOf);
          expect(found.toSorted()).toEqual(lines.map((_line, index) => `r${index}`).toSorted());
          const times = answers.flatMap(({ items }) => items.map(({ requestTimeEpoch }) => Number(requestTimeEpoch)));
          expect(times).toEqual(times.toSorted((a, b) => b - a));
          for (const { items, readFrom, complete, cursor } of answers) {
            expect(complete).toBe(cursor === undefined);
            const oldest = Number(items.at(-1)?.requestTimeEpoch ?? TO);
            expect(Date.parse(readFrom)).toBeLessThanOrEqual(oldest);
          }
          expect(answers.at(-1)).toMatchObject({ readFrom: "2026-11-22T09:30:00.000Z", complete: true });
        },
      ),
      sampled({ suite: 20, soak: 2_000 }),
    );
  });

  // The latest instants that ISO 8601 can express with a four-digit year.
  it.each(["2100-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-23:59"])(
    "limits a range until %s to the present, and accepts its own cursors",
    async (to) => {
      const lines = Array.from({ length: 500 }, (_, index) => lineOf(TO - 1 - index * 1_000, index));
      const { readPage, requests } = logGroup(lines);
      const answers = await everyPage({ to }, readPage);
      expect(answers.flatMap(idsOf)).toEqual(lines.map((_line, index) => `r${index}`));
      expect(answers[0]?.to).toBe("2026-11-23T09:35:00.000Z"); // 5 minutes ahead, because clocks differ
      expect(Math.max(...requests.map((request) => request.to))).toBe(TO + 5 * 60_000);
      expect(requests.length).toBeLessThan(20);
    },
  );

  it("reads a quiet day in few calls, because windows grow", async () => {
    const { readPage, requests } = logGroup([lineOf(TO - 23 * HOUR, 0)]);
    const answer = await searchAccessLog({}, readPage, TO, frozenClock);
    expect([idsOf(answer), answer.complete]).toEqual([["r0"], true]);
    // 5, 20, 80 and 320 minutes, then the rest of 1,440.
    expect(requests.map(({ from, to }) => (to - from) / 60_000)).toEqual([5, 20, 80, 320, 1015]);
  });

  it("shrinks its window if there are many lines, and returns at most 200", async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => lineOf(TO - 1 - index * 5, index));
    const { readPage, requests } = logGroup(lines);
    const answer = await searchAccessLog({}, readPage, TO, frozenClock);
    expect(idsOf(answer)).toEqual(lines.slice(0, 200).map((_line, index) => `r${index}`));
    expect(answer).toMatchObject({ complete: false, readFrom: new Date(TO - 1 - 199 * 5).toISOString() });
    // The windows of 60,000 and 15,000 lines have more than one page; the one of 3,750 does not.
    expect(requests.map(({ from, to }) => to - from)).toEqual([300_000, 75_000, 18_750]);
  });

  it("keeps the lines of one millisecond together", async () => {
    const lines = Array.from({ length: 450 }, (_, index) => lineOf(TO - (index < 150 ? 1 : 2), index));
    const answers = await everyPage({}, logGroup([...lines, lineOf(TO - 3, 450)]).readPage);
    expect(answers.map(({ items }) => items.length)).toEqual([450, 1]);
  });

  it("reads all pages of a millisecond, because it cannot be divided", async () => {
    const lines = Array.from({ length: 70 }, (_, index) => lineOf(TO - 1, index));
    const answers = await everyPage({ from: "2026-11-23T09:29:59.999Z" }, logGroup(lines, 10).readPage);
    expect(answers.map(({ items }) => items.length)).toEqual([70]);
  });

  it("keeps the range of the first page, however late the next page is requested", async () => {
    const lines = [...Array.from({ length: 200 }, (_, index) => lineOf(TO - 1, index)), lineOf(TO - DAY, 200)];
    const { readPage } = logGroup(lines);
    const first = await searchAccessLog({}, readPage, TO, frozenClock);
    const second = await searchAccessLog({ cursor: first.cursor ?? "" }, readPage, TO + HOUR, frozenClock);
    expect([first.items.length, idsOf(second)]).toEqual([200, ["r200"]]);
    expect(second).toMatchObject({ from: "2026-11-22T09:30:00.000Z", complete: true });
  });

  it.each([
    ["25 calls", 159, 25],
    ["4 seconds", 1_000, 4],
  ])("stops after %s and returns what it has read", async (_title, milliseconds, calls) => {
    let made = 0;
    const endless: ReadPage = async () => {
      made += 1;
      return { lines: [], token: "more" };
    };
    const answer = await searchAccessLog({}, endless, TO, () => TO + made * milliseconds);
    expect(made).toBe(calls);
    expect(answer).toMatchObject({ items: [], complete: false, readFrom: "2026-11-23T09:30:00.000Z" });
    // 300,000 ms, divided by 4 after every five calls.
    expect(answer.cursor?.split(".")[1]).toBe(Math.floor(300_000 / 4 ** Math.ceil(calls / 5)).toString(36));
  });

  it("returns what it has if CloudWatch Logs is busy, and fails with 429 if it has nothing", async () => {
    const { readPage } = logGroup([lineOf(TO - 1, 0)]);
    let calls = 0;
    const throttling: ReadPage = async (request) => (++calls > 2 ? "busy" : readPage(request));
    const answer = await searchAccessLog({}, throttling, TO, frozenClock);
    expect([idsOf(answer), answer.complete, answer.readFrom]).toEqual([["r0"], false, "2026-11-23T09:05:00.000Z"]);
    await expect(searchAccessLog({}, async () => "busy", TO, frozenClock)).rejects.toMatchObject({
      kind: "limit",
      code: "access-log.busy",
    });
  });

  it("returns what it has if CloudWatch Logs fails, and fails with 503 if it has nothing", async () => {
    const { readPage } = logGroup([lineOf(TO - 1, 0)]);
    const unavailable = new AppError("unavailable", "store.unavailable", "CloudWatch Logs cannot be reached.");
    let calls = 0;
    const failing: ReadPage = async (request) => {
      if (++calls > 2) throw unavailable;
      return await readPage(request);
    };
    const answer = await searchAccessLog({}, failing, TO, frozenClock);
    expect([idsOf(answer), answer.complete]).toEqual([["r0"], false]);
    const silent: ReadPage = () => Promise.reject(unavailable);
    await expect(searchAccessLog({}, silent, TO, frozenClock)).rejects.toBe(unavailable);
    const broken: ReadPage = () => Promise.reject(new TypeError("a defect"));
    await expect(searchAccessLog({}, broken, TO, frozenClock)).rejects.toThrow("a defect");
  });

  it("passes range and pattern on, and returns a response that matches its schema", async () => {
    const lines = [lineOf(TO - 500, 0), { timestamp: TO - 400, message: "torn" }];
    const { readPage, requests } = logGroup(lines);
    const query = { from: "2026-11-23T09:29:59Z", to: "2026-11-23T10:30:00+01:00", status: "5xx" };
    const answer = await searchAccessLog(query, readPage, TO + DAY, frozenClock);
    expect(requests).toEqual([{ from: TO - 1_000, to: TO, pattern: "{ ($.status >= 500) && ($.status < 600) }" }]);
    expect(z.strictObject(AccessLogAnswer.shape).parse(answer)).toEqual({
      from: "2026-11-23T09:29:59.000Z",
      to: "2026-11-23T09:30:00.000Z",
      items: [{ requestId: "r0", requestTimeEpoch: TO - 500, status: 200, responseLength: 1, responseLatency: 1 }],
      unparseableLines: 1,
      readFrom: "2026-11-23T09:29:59.000Z",
      complete: true,
      insightsQuery:
        "fields @timestamp, @message | filter status >= 500 and status < 600 | sort @timestamp desc | limit 10000",
    });
  });

  it("returns lines without a latency, and counts lines with impossible values as unparseable", async () => {
    const fields = { requestId: "r", requestTimeEpoch: TO - 500, status: 200, responseLength: 1 };
    const [late, slow] = [{ requestTimeEpoch: 8.64e15 + 1 }, { responseLatency: -1 }];
    const lines = [{}, late, slow].map((changes) => {
      return { timestamp: TO - 500, message: JSON.stringify({ ...fields, ...changes }) };
    });
    const answer = await searchAccessLog({}, logGroup(lines).readPage, TO, frozenClock);
    expect(answer).toMatchObject({ items: [fields], unparseableLines: 2, complete: true });
  });

  it.each<[string, Record<string, string>, string, string]>([
    [
      "a time that is not an instant",
      { from: "yesterday" },
      "/from",
      "must be an instant such as 2026-11-23T09:30:00Z",
    ],
    ["an empty range", { from: "2026-11-23T09:30:00Z", to: "2026-11-23T09:30:00Z" }, "/from", "must be before /to"],
    ["the future", { from: "2026-11-23T09:30:00Z" }, "/from", "must be before now"],
    ["a time before 1970", { to: "1969-12-31T00:00:00Z" }, "/from", "must be before /to"],
    ["an invalid cursor", { cursor: "a.b" }, "/cursor", "must be the cursor of an answer"],
    ["a cursor with a sign", { cursor: "-1.1.1" }, "/cursor", "must be the cursor of an answer"],
    ["a cursor that is too long", { cursor: "0.0.0123456789a" }, "/cursor", "must be the cursor of an answer"],
    [
      "the future, until later",
      { from: "2026-11-24T00:00:00Z", to: "2100-01-01T00:00:00Z" },
      "/from",
      "must be before now",
    ],
    ["a pattern", { route: 'GET /" || $.status > 0 || $.x = "' }, "/route", expect.stringContaining("method and path")],
    ["another parameter", { pattern: "{}" }, "/pattern", "is not a known property"],
  ])("rejects %s and points at the parameter", async (_title, query, pointer, detail) => {
    const { readPage, requests } = logGroup([]);
    const error = await Promise.resolve()
      .then(() => searchAccessLog(query, readPage, TO, frozenClock))
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: "input", errors: [{ pointer, detail }] });
    expect(requests).toEqual([]);
  });

  it.each(["zzzzzzzzz.zzzzzzzzz.0", "0.0.0", "1.0.zzzzzzzzz"])(
    "does not let a forged cursor %s leave the range",
    async (cursor) => {
      const { readPage, requests } = logGroup([]);
      const [from, to] = ["2026-11-23T08:30:00Z", "2026-11-23T09:30:00Z"];
      await searchAccessLog({ from, to, cursor }, readPage, TO, frozenClock);
      for (const request of requests) {
        expect(request.from).toBeGreaterThanOrEqual(TO - HOUR);
        expect(request.to).toBeLessThanOrEqual(TO);
      }
    },
  );
});
