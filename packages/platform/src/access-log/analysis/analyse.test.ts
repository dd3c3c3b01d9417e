import { mutateEntry, randomEntry } from "@backend/testing/access-log-lines";
import { plainAnalysis } from "@backend/testing/plain-analysis";
import { seeded } from "@backend/testing/random";
import { RECORDED_LINES } from "@backend/testing/recorded-lines";
import { SEED, sampled } from "@backend/testing/sampling";
import { describe, expect, it } from "vitest";
import { countLine, noTraffic, UNKNOWN } from "../../traffic/traffic";
import { analyseAccessLog } from "./analyse";
import type { FieldNames } from "./read-line";
import type { AccessLogReport } from "./report";

// Expected values come from a simple implementation that calls JSON.parse on every line and keeps
// everything: packages/testing/src/plain-analysis.ts.

const START = 1_795_400_000_000;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const line = (fields: Record<string, unknown> = {}) => `${JSON.stringify({ ...plain, ...fields })}\n`;
const plain = randomEntry(seeded(1), START);

function analysis(chunks: Uint8Array[], names: FieldNames = {}): AccessLogReport {
  const { push, finish } = analyseAccessLog({ names });
  for (const chunk of chunks) push(chunk);
  return finish();
}

/** Lines of the usual format, which the analysis learns, with other lines between them. */
function logWith(others: Iterable<Uint8Array | string>): Uint8Array {
  const random = seeded(2);
  const parts: Uint8Array[] = [];
  let epoch = START;
  const usual = () => {
    epoch += random(50);
    parts.push(bytesOf(`${JSON.stringify(randomEntry(random, epoch))}\n`));
  };
  usual();
  for (const other of others) {
    parts.push(typeof other === "string" ? bytesOf(other) : other);
    usual();
  }
  return new Uint8Array(Buffer.concat(parts));
}

describe("analyseAccessLog", () => {
  it("agrees with JSON.parse on 5,000 requests", () => {
    const log = logWith(Array.from({ length: 5000 }, () => ""));
    const report = analysis([log]);
    expect(report.requests).toBe(5001);
    expect(report).toEqual(plainAnalysis(log));
  });

  it.each<[string, string | Uint8Array, requests: number, unparseable: number]>([
    ["nothing", "", 0, 0],
    ["a blank line", "\n", 0, 0],
    ["a line of spaces", " \t \n", 0, 0],
    ["the usual line", line(), 1, 0],
    ["a line that ends with CRLF", line().replace("\n", "\r\n"), 1, 0],
    ["two lines that end with CRLF", line().replace("\n", "\r\n").repeat(2), 2, 0],
    ["a line with spaces", `${JSON.stringify(plain, null, 1).replaceAll("\n", "")}\n`, 1, 0],
    ["lines with tabs", `${JSON.stringify(plain, null, "\t").replaceAll("\n", "")}\n`.repeat(2), 2, 0],
    [
      "fields in the other order",
      `${JSON.stringify(Object.fromEntries(Object.entries(plain).reverse()))}\n`.repeat(2),
      2,
      0,
    ],
    ["only required fields", '{"requestTimeEpoch":5,"status":200,"responseLatency":7}\n'.repeat(2), 2, 0],
    ["an unknown field", line({ extra: "x" }).repeat(2), 2, 0],
    ["a list", line({ extra: [1, { status: 500 }] }).repeat(2), 2, 0],
    ["an object with the same keys", line({ extra: { status: 500, user: "x" } }).repeat(2), 2, 0],
    ["a number as a string", line({ status: "404" }).repeat(2), 2, 0],
    ["a string that is not a number", line({ status: "4O4" }), 0, 1],
    ["a quoted number with a leading zero", line({ status: "0404" }).repeat(2), 2, 0],
    ["a number with a leading zero", line().replace(/"status":\d+/, '"status":0404'), 0, 1],
    ["a fraction", line({ responseLatency: 1.5 }).repeat(2) + line({ responseLatency: 2.5 }), 3, 0],
    ["a number below zero", line({ responseLatency: -1 }).repeat(2), 0, 2],
    [
      "a number with an exponent",
      line()
        .replace(/"responseLatency":\d+/, '"responseLatency":1e3')
        .repeat(2),
      2,
      0,
    ],
    ["a number of twenty digits", line({ responseLength: "12345678901234567890" }).repeat(2), 0, 2],
    ["no latency", line({ responseLatency: undefined }).repeat(2), 2, 0],
    ["a dash for a latency", line({ responseLatency: "-" }).repeat(2), 2, 0],
    ["a latency, then none, then one", line() + line({ responseLatency: null }) + line(), 3, 0],
    ["the last time of a four-digit year", line({ requestTimeEpoch: 253402300799999 }).repeat(2), 2, 0],
    ["the first time of a five-digit year", line({ requestTimeEpoch: 253402300800000 }).repeat(2), 0, 2],
    ["the last status, and the one after it", line({ status: 599 }) + line({ status: 600 }), 1, 1],
    ["the first status, and the one before it", line({ status: 100 }) + line({ status: 99 }), 1, 1],
    [
      "a latency of a day, and of more",
      line({ responseLatency: 86400000 }) + line({ responseLatency: 86400001 }),
      1,
      1,
    ],
    ["an integration latency of more than a day", line({ integrationLatency: "86400001" }), 0, 1],
    ["a status out of range", line({ status: 77 }) + line({ status: 999 }), 0, 2],
    ["a status of true", line({ status: true }), 0, 1],
    ["a user of 7", line({ user: 7 }), 0, 1],
    ["a user of null, then one", line({ user: null }) + line({ user: "x" }), 2, 0],
    ["no id", line({ requestId: undefined }).repeat(2), 2, 0],
    ["a dash for an id", line({ requestId: "-" }), 0, 1],
    ["no status", line({ status: undefined }), 0, 1],
    ["only a formatted time", line({ requestTimeEpoch: undefined }).repeat(2), 2, 0],
    ["empty strings", line({ user: "", routeKey: "", userAgent: "", errorMessage: "", status: 401 }).repeat(2), 2, 0],
    ["escapes", line({ userAgent: '"\\\n\u0000', path: "\\" }).repeat(2), 2, 0],
    ["an escaped letter", line({ user: "aXb" }).replace("aXb", "a\\u0062b").repeat(2) + line({ user: "abb" }), 3, 0],
    ["an invalid escape", line({ user: "aXb" }).replace("aXb", "a\\xb"), 0, 1],
    ["a control character in a text", line({ user: "aXb" }).replace("aXb", "a\u0001b"), 0, 1],
    ["a quote in a text", line({ user: "aXb" }).replace("aXb", 'a"b'), 0, 1],
    [
      "text that is not ASCII",
      line({ user: "é😀", routeKey: "GET /ü", userAgent: "\u{10ffff}\u2028" }).repeat(2),
      2,
      0,
    ],
    ["a key with an escape", line().replace('"status"', '"st\\u0061tus"').repeat(2), 2, 0],
    ["a duplicate key", line().replace('"status":', '"status":500,"status":').repeat(2), 2, 0],
    ["a duplicate key, the last one null", line().replace("}", ',"user":null}').repeat(2), 2, 0],
    ["the key __proto__", line().replace("}", ',"__proto__":{"user":"x"}}').repeat(2), 2, 0],
    ["a truncated line", `${line().slice(0, 200)}\n`, 0, 1],
    ["a line without its first half", line().slice(200), 0, 1],
    ["two lines in one", line().replace("\n", "") + line(), 0, 1],
    ["text after the object", line().replace("\n", " x\n"), 0, 1],
    ["a trailing comma", line().replace("}", ",}"), 0, 1],
    ["JSON that is not an object", '7\n"x"\n[]\nnull\n', 0, 4],
    ["plain text", "hello\n", 0, 1],
    [
      "bytes that are not UTF-8",
      new Uint8Array(Buffer.from(line({ user: "aXb" }).repeat(2).replaceAll("X", "\xff"), "latin1")),
      2,
      0,
    ],
    [
      "routes with different invalid UTF-8 that decodes to the same text",
      new Uint8Array(
        Buffer.from(
          ["\xff", "\xfe", "\xff"].map((byte) => line({ routeKey: "aXb" }).replace("X", byte)).join(""),
          "latin1",
        ),
      ),
      3,
      0,
    ],
    [
      "an incomplete UTF-8 sequence before the quote",
      new Uint8Array(Buffer.from(line({ user: "aX" }).repeat(2).replaceAll("aX", "a\xe2\x82"), "latin1")),
      2,
      0,
    ],
    [
      "only the bytes 0x7f and 0xff",
      new Uint8Array(Buffer.from(line({ user: "X" }).repeat(3).replaceAll("X", "\x7f\xff".repeat(9)), "latin1")),
      3,
      0,
    ],
    ["a log event of pnpm offline", `${JSON.stringify({ timestamp: 1, message: line().trim() })}\n`.repeat(2), 2, 0],
    [
      "a log event with an object as its message",
      `${JSON.stringify({ timestamp: 1, message: plain })}\n`.repeat(2),
      2,
      0,
    ],
    ["a log event without an entry", '{"timestamp":1,"message":"hello"}\n', 0, 1],
    [
      "a duplicate message",
      `${JSON.stringify({ timestamp: 1, message: plain }).replace("}}", '},"message":{"status":1}}')}\n`,
      0,
      1,
    ],
  ])("reads %s", (_title, lines, requests, unparseable) => {
    const log = logWith([lines, lines]);
    const report = analysis([log]);
    expect(report).toEqual(plainAnalysis(log));
    expect(report.requests - 3).toBe(2 * requests);
    expect(report.unparseable.lines).toBe(2 * unparseable);
  });

  it("reads a log that is split anywhere and does not end with a line break", { tags: ["sampled"] }, () => {
    const log = logWith([line({ user: "é\n" }), "torn\n", "\r\n"]).subarray(0, -1);
    const expected = plainAnalysis(log);
    const { numRuns } = sampled({ suite: 200, soak: log.length });
    const step = Math.max(1, Math.floor(log.length / numRuns));
    for (let at = SEED % step; at <= log.length; at += step) {
      expect(analysis([log.subarray(0, at), log.subarray(at)])).toEqual(expected);
    }
    expect(analysis(Array.from(log, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it("keeps no reference to a chunk, so that the buffer can be reused", () => {
    const log = logWith(Array.from({ length: 50 }, () => line({ user: "someone" })));
    const { push, finish } = analyseAccessLog();
    const buffer = new Uint8Array(1000);
    for (let at = 0; at < log.length; at += buffer.length) {
      buffer.fill(0x58);
      const part = log.subarray(at, at + buffer.length);
      buffer.set(part);
      push(buffer.subarray(0, part.length));
    }
    expect(finish()).toEqual(plainAnalysis(log));
  });

  it("agrees with JSON.parse on mutated lines", { tags: ["sampled"] }, () => {
    const random = seeded(SEED);
    const { numRuns } = sampled({ suite: 8, soak: 400 }); // `pnpm soak log` tries a million lines
    for (let round = 0; round < numRuns; round++) {
      const lines = Array.from({ length: 500 }, () => {
        return Buffer.concat([mutateEntry(random, randomEntry(random, START + random(1e6))), Buffer.from("\n")]);
      });
      const log = logWith(lines);
      expect(analysis([log])).toEqual(plainAnalysis(log));
    }
  });

  it("reads another format by its field names", () => {
    const other = { at: "2026-11-23T09:30:00Z", code: 503, took: "12", route: "GET /x", who: "ann" };
    const names = { requestTimeEpoch: "at", status: "code", responseLatency: "took", routeKey: "route", user: "who" };
    const report = analysis([bytesOf(`${JSON.stringify(other)}\n`.repeat(3))], names);
    expect(report).toMatchObject({
      requests: 3,
      from: Date.UTC(2026, 10, 23, 9, 30),
      statusClasses: [0, 0, 0, 0, 3],
      routes: [{ routeKey: "GET /x", latency: { p50: 12, p99: 12 } }],
      callers: [{ kind: "user", id: "ann", requests: 3, errors: 3 }],
    });
  });

  // https://tc39.es/ecma262/#sec-time-values-and-time-range: the largest time value is 8.64e15.
  it.each<[string, Record<string, unknown>]>([
    ["a time that a Date cannot hold", { requestTimeEpoch: 8640000000000001 }],
    ["a time of 301 digits", { requestTimeEpoch: 1e300 }],
    ["a time before 1970", { requestTimeEpoch: -1 }],
    ["a time of NaN", { requestTimeEpoch: "NaN" }],
    ["a time of Infinity", { requestTimeEpoch: "Infinity" }],
    ["a date that does not exist", { requestTimeEpoch: undefined, requestTime: "31/Feb/2026:09:30:00 +0000" }],
    ["an hour that does not exist", { requestTimeEpoch: undefined, requestTime: "23/Nov/2026:99:30:00 +0000" }],
    ["no time at all", { requestTimeEpoch: undefined, requestTime: "soon" }],
    ["a status of 0", { status: 0 }],
    ["a status below zero", { status: -200 }],
    ["a fractional status", { status: 200.5 }],
    ["a latency of 309 digits", { responseLatency: 1e308 }],
    ["a latency below zero", { responseLatency: "-0.001" }],
    ["a latency of NaN", { responseLatency: "NaN" }],
    ["a length of 309 digits", { responseLength: 1e308 }],
    ["a length below zero", { responseLength: -1 }],
  ])("counts a line with %s as unparseable, with its line number", (_title, fields) => {
    const report = analysis([bytesOf([{}, fields, {}].map(line).join(""))]);
    expect(report).toMatchObject({ lines: 3, requests: 2, from: START, to: START, unparseable: { lines: 1 } });
    expect(report.unparseable.samples).toMatchObject([{ line: 2 }]);
    expect(report.series.buckets).toHaveLength(1);
    expect(JSON.stringify(report)).not.toContain("null");
  });

  it("rejects a number that overflows", () => {
    const infinite = line().replace(/"responseLatency":\d+/, '"responseLatency":1e999');
    expect(analysis([bytesOf(line() + infinite)])).toMatchObject({ requests: 1, unparseable: { lines: 1 } });
  });

  it("makes at most 120 buckets from the first to the last valid time", () => {
    const report = analysis([
      bytesOf([0, 253402300799999].map((requestTimeEpoch) => line({ requestTimeEpoch })).join("")),
    ]);
    expect(report.series.buckets.length).toBeLessThanOrEqual(120);
    expect(report.series.buckets.map(({ start }) => new Date(start).getTime())).not.toContain(Number.NaN);
  });

  it.each(Object.entries(RECORDED_LINES))("reads %s, without a latency", (_title, lines) => {
    const log = bytesOf(`${lines.join("\n")}\n`.repeat(3));
    const report = analysis([log]);
    expect(report).toEqual(plainAnalysis(log));
    expect(report).toMatchObject({ requests: 3 * lines.length, withoutLatency: 3 * lines.length, slowest: [] });
    expect(report).not.toHaveProperty("latency");
    expect(report.routes[0]).not.toHaveProperty("latency");
    expect(report.series.buckets.every((bucket) => !("p95" in bucket))).toBe(true);
    expect(report.callers).toEqual([
      { kind: "address", id: "1.128.0.0", requests: 3 * lines.length, errors: expect.any(Number) },
    ]);
  });

  it("counts the requests of a REST API by their resource", () => {
    const { routes } = analysis([bytesOf(RECORDED_LINES["AWS's example for REST APIs"]?.join("\n") ?? "")]);
    expect(routes.map(({ routeKey, requests }) => [routeKey, requests])).toEqual([
      ["/pets", 1],
      ["/pets/{petId}", 1],
    ]);
  });

  it("computes percentiles of the logged latencies", () => {
    const latencies = [10, undefined, 30, "-"];
    const report = analysis([bytesOf(latencies.map((responseLatency) => line({ responseLatency })).join(""))]);
    expect(report).toMatchObject({ requests: 4, withoutLatency: 2, latency: { p50: 10, p95: 30, p99: 30, max: 30 } });
  });

  it("hides callers and the text of unparseable lines", () => {
    const { push, finish } = analyseAccessLog({
      hide: (entry) => ({ ...entry, user: "somebody", sourceIp: "0.0.0.0" }),
    });
    push(bytesOf(line({ user: "ann" }).repeat(3) + line({ user: "bob", status: "?" })));
    const report = finish();
    expect(report.callers).toEqual([expect.objectContaining({ kind: "user", id: "somebody", requests: 3 })]);
    expect(report.unparseable.samples).toEqual([
      { line: 4, reason: 'field "status" is missing or of the wrong type', sample: "(withheld)" },
    ]);
  });

  it("counts busy callers exactly if there are too many rare ones", () => {
    const random = seeded(4);
    const lines = Array.from({ length: 60_000 }, (_, index) => {
      const user = index >= 10_000 && index % 10 === 0 ? `busy-${index % 30}` : `u${index}`;
      return line({ user, requestTimeEpoch: START + random(1000) });
    });
    const report = analysis([bytesOf(lines.join(""))]);
    expect(report.approximate).toEqual(["callers"]);
    expect(report.callers.slice(0, 3)).toEqual(
      ["busy-10", "busy-20", "busy-0"].map((id, index) =>
        expect.objectContaining({ id, requests: index < 2 ? 1667 : 1666 }),
      ),
    );
  });

  it("reports rounded percentiles if there are too many different latencies", () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => line({ responseLatency: index + 0.5 }));
    const report = analysis([bytesOf(lines.join(""))]);
    expect(report.approximate).toEqual(["latency"]);
    expect(Math.abs((report.latency?.p50 ?? 0) / 15_000 - 1)).toBeLessThan(0.005);
  });

  it("counts the routes after the first 1,024 together", () => {
    const lines = Array.from({ length: 1100 }, (_, index) => line({ routeKey: `GET /${index}` }));
    const report = analysis([bytesOf(lines.join(""))]);
    expect(report.approximate).toEqual(["routes"]);
    expect(report.routes[0]).toMatchObject({ routeKey: "(other routes)", requests: 76 });
  });

  it("rejects a line of more than 2 MiB and reads the next one", () => {
    const long = bytesOf(line({ user: "x".repeat(2 ** 20) })); // the maximum of CloudWatch Logs
    const longer = bytesOf(line({ user: "x".repeat(3 * 2 ** 20) }));
    const report = analysis([long, longer.subarray(0, 5000), longer.subarray(5000), bytesOf(line())]);
    expect(report).toMatchObject({ lines: 3, requests: 2, unparseable: { lines: 1 } });
    expect(report.unparseable.samples[0]?.reason).toBe("longer than 2097152 bytes");
  });

  it("numbers the lines of each input from 1, even if the previous input has no final line break", () => {
    const { begin, push, finish } = analyseAccessLog();
    const inputs: [string, string][] = [
      ["a.log", `${line()}\n\nbad a4`],
      ["empty.log", ""],
      ["b.log", `bad b1\n${line()}${line()}bad b4\n`],
    ];
    for (const [name, text] of inputs) {
      begin(name);
      push(bytesOf(text));
    }
    const { lines, requests, unparseable } = finish();
    expect({ lines, requests }).toEqual({ lines: 6, requests: 3 });
    expect(unparseable.samples.map(({ source, line, sample }) => [source, line, sample])).toEqual([
      ["a.log", 4, "bad a4"],
      ["b.log", 1, "bad b1"],
      ["b.log", 4, "bad b4"],
    ]);
  });

  // The `sub` of a machine client's access token is the client's id (RFC 9068, section 2.2):
  // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
  it.each([
    ["a person", { user: "u1", client: "web" }, { kind: "user", id: "u1" }],
    ["a machine client", { user: "m1", client: "m1" }, { kind: "client", id: "m1" }],
    ["a person whose id is as long as the client's", { user: "m2", client: "m1" }, { kind: "user", id: "m2" }],
    ["a person without a client", { user: "u1", client: "-" }, { kind: "user", id: "u1" }],
    ["a client without a user", { user: "-", client: "m1" }, { kind: "client", id: "m1" }],
    [
      "an anonymous caller",
      { user: "-", client: "-", sourceIp: "203.0.113.7" },
      { kind: "address", id: "203.0.113.7" },
    ],
    ["a caller without an address", { user: "-", client: "-", sourceIp: "-" }, { kind: "address", id: "unknown" }],
  ])("counts %s as a caller of the same kind as the traffic does", (_title, fields, expected) => {
    const report = analysis([bytesOf(line({ ...fields, status: 200 }).repeat(3))]);
    expect(report.callers).toEqual([{ ...expected, requests: 3, errors: 0 }]);
    const traffic = noTraffic();
    countLine(traffic, line({ ...fields, status: 200 }).trimEnd());
    const name = expected.id === "unknown" ? UNKNOWN : `${expected.kind}:${expected.id}`;
    expect([...traffic.callers.keys()]).toEqual([name]);
  });

  it("limits the comparisons of keys with the same hash", () => {
    const agents = collidingKeys(1000);
    const report = analysis([bytesOf(agents.map((userAgent) => line({ userAgent })).join(""))]);
    expect(report.requests).toBe(1000);
    expect(report.approximate).toEqual(["agents"]);
    expect(report.agents[0]).toEqual({ userAgent: expect.any(String), requests: 1 });
  });

  it("agrees with JSON.parse on lines with thousands of different keys", () => {
    const lines = Array.from({ length: 20 }, (_, index) => {
      const others = Array.from({ length: 2000 }, (_, other) => [`x${index}-${other}`, other]);
      return line(Object.fromEntries(others));
    });
    const log = bytesOf(lines.join(""));
    expect(analysis([log])).toEqual(plainAnalysis(log));
  });
});

/** Returns keys of eight printable characters that have the same hash in `interner.ts`. */
function collidingKeys(count: number): string[] {
  const factor = 0x5bd1e995;
  let inverse = 1;
  // Newton's method, modulo 2^32.
  for (let step = 0; step < 5; step++) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
  const random = seeded(5);
  const keys = new Set<string>();
  while (keys.size < count) {
    const bytes = Buffer.from(Array.from({ length: 8 }, () => 0x23 + random(0x39)));
    const first = Math.imul(8 ^ bytes.readInt32LE(0), factor) ^ (8 >>> 15);
    bytes.writeInt32LE(first ^ Math.imul(0x12345678 ^ (first >>> 15), inverse), 4);
    if (bytes.every((byte) => byte > 0x22 && byte < 0x7f && byte !== 0x5c)) keys.add(bytes.toString("latin1"));
  }
  return [...keys];
}
