import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "../input";
import type { TrafficAnswer } from "./answer";
import { BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS } from "./bucket";
import { compact } from "./compact";
import type { DeliveredLine } from "./partial";
import { TrafficQuery, trafficOver as trafficOfRange } from "./query";
import { MAX_PARTIALS } from "./read";
import { rollUp } from "./roll-up";
import { memoryStore, type TrafficStore } from "./store";

/** Parses the query string first, as the operation does. */
const trafficOver = async (query: object | undefined, store: TrafficStore, now: number) =>
  await trafficOfRange(parse(TrafficQuery, query), store, now);

const START = Date.parse("2026-11-22T22:00:00Z");
const SPAN_MS = 30 * HOUR_MS;
const END = START + SPAN_MS + 5 * HOUR_MS;

interface Request {
  timestamp: number;
  status: number;
  route: string;
  address: string;
  latency: number;
  bytes: number;
  refused: boolean;
  torn: boolean;
}

// Most are close to each other, or to the edges of hours and days, where rows are written.
const time = fc.oneof(
  fc.integer({ min: 0, max: 4 * MINUTE_MS }),
  fc.integer({ min: 2 * HOUR_MS - MINUTE_MS, max: 2 * HOUR_MS + MINUTE_MS }),
  fc.integer({ min: 0, max: SPAN_MS - 1 }),
);
const request: fc.Arbitrary<Request> = fc.record({
  timestamp: time.map((offset) => START + offset),
  status: fc.constantFrom(200, 201, 302, 404, 429, 500, 503),
  route: fc.constantFrom("GET /events", "POST /events", "-"),
  address: fc.constantFrom("203.0.113.1", "203.0.113.2", "2001:db8::1"),
  latency: fc.integer({ min: 0, max: 30_000 }),
  bytes: fc.integer({ min: 0, max: 6_000_000 }),
  refused: fc.boolean(),
  torn: fc.boolean(),
});
const requests = fc.array(request, { minLength: 1, maxLength: 40 });

function lineOf(request: Request, index: number): DeliveredLine {
  const message = JSON.stringify({
    requestId: `r${index}`,
    requestTimeEpoch: request.timestamp,
    routeKey: request.route,
    status: request.status,
    responseLength: request.bytes,
    responseLatency: request.latency,
    sourceIp: request.address,
    errorMessage: request.refused ? "refused" : "-",
  });
  return { id: `id${index}`, timestamp: request.timestamp, message: request.torn ? message.slice(0, 20) : message };
}

/** Splits the lines into deliveries. */
function deliveriesOf(all: Request[], cuts: number[]): DeliveredLine[][] {
  const deliveries = new Map<number, DeliveredLine[]>();
  for (const [index, request] of all.entries()) {
    const delivery = cuts[index % cuts.length] ?? 0;
    deliveries.set(delivery, [...(deliveries.get(delivery) ?? []), lineOf(request, index)]);
  }
  return [...deliveries.values()];
}

/** Counts the requests one by one, without the code under test. */
function count(all: Request[]) {
  const read = all.filter(({ torn }) => !torn);
  const of = (some: Request[]) => ({
    requests: some.length,
    clientErrors: some.filter(({ status }) => status >= 400 && status < 500).length,
    serverErrors: some.filter(({ status }) => status >= 500).length,
  });
  const by = (key: (request: Request) => string) => {
    const names = [...new Set(read.map(key))];
    return Object.fromEntries(names.map((name) => [name, of(read.filter((each) => key(each) === name))]));
  };
  const refused = read.filter(({ refused, status }) => refused && status >= 400);
  return {
    ...of(read),
    bytes: read.reduce((sum, { bytes }) => sum + bytes, 0),
    unparseable: all.length - read.length,
    routes: by(({ route }) => (route === "-" ? "(none)" : route)),
    callers: by(({ address }) => `address ${address}`),
    refusals: {
      throttled: refused.filter(({ status }) => status === 429).length,
      "not-found": refused.filter(({ status }) => status === 404).length,
      "integration-failed": refused.filter(({ status }) => status >= 500).length,
    },
  };
}

function answered({ totals, routes, callers, refusals, unparseableLines }: TrafficAnswer): ReturnType<typeof count> {
  const of = ({
    requests,
    clientErrors,
    serverErrors,
  }: TrafficAnswer["callers"][number] | TrafficAnswer["totals"]) => ({
    requests,
    clientErrors,
    serverErrors,
  });
  const { throttled, "not-found": notFound, "integration-failed": failed } = refusals;
  return {
    ...of(totals),
    bytes: totals.bytes,
    unparseable: unparseableLines,
    routes: Object.fromEntries(routes.map((route) => [route.route, of(route)])),
    callers: Object.fromEntries(callers.map((caller) => [`${caller.kind} ${caller.id}`, of(caller)])),
    refusals: { throttled, "not-found": notFound, "integration-failed": failed },
  };
}

const instants = (from: number, to: number) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
const within = (all: Request[], { from, to }: { from: string; to: string }) =>
  all.filter(({ timestamp }) => timestamp >= Date.parse(from) && timestamp < Date.parse(to));

/** Ranges with buckets of minutes, hours and days. */
const RANGES = [
  instants(START, START + 3 * HOUR_MS),
  instants(START + 90 * MINUTE_MS, START + 4 * HOUR_MS),
  instants(START, START + 2 * DAY_MS),
  instants(START + HOUR_MS + 1, START + 29 * HOUR_MS),
  instants(START - 20 * DAY_MS, END),
];

async function expectExact(all: Request[], store: TrafficStore, now: number): Promise<void> {
  for (const range of RANGES) {
    const answer = await trafficOver(range, store, now);
    const expected = within(all, answer);
    expect(answered(answer)).toEqual(count(expected));
    expect(answer.series.map(({ start, requests }) => [start, requests])).toEqual(
      answer.series.map(({ start }) => {
        const end = new Date(Date.parse(start) + BUCKET_MS[answer.granularity]).toISOString();
        return [start, count(within(all, { from: start, to: end })).requests];
      }),
    );
    const sorted = expected.flatMap(({ torn, latency }) => (torn ? [] : [latency])).sort((a, b) => a - b);
    for (const [name, at] of [
      ["p50", 0.5],
      ["p95", 0.95],
      ["p99", 0.99],
    ] as const) {
      const exact = sorted[Math.max(Math.ceil(at * sorted.length), 1) - 1];
      if (exact === undefined) expect(answer.totals.latency).toBeNull();
      else expect(Math.abs((answer.totals.latency?.[name] ?? Number.NaN) - exact)).toBeLessThanOrEqual(0.02 * exact);
    }
  }
}

/** Throws at the put with this number, before or after writing. */
function crashAtPut(store: TrafficStore, at: number, written: boolean): TrafficStore {
  let puts = 0;
  return {
    query: store.query,
    async put(item) {
      puts += 1;
      if (puts > at) throw new Error("killed");
      if (puts < at || written) await store.put(item);
      if (puts === at) throw new Error("killed");
    },
  };
}

async function survive(work: Promise<void>): Promise<void> {
  await work.catch((error: Error) => expect(error.message).toBe("killed"));
}

const step = fc.record({
  /** Index of a delivery, or null for a compaction. */
  delivery: fc.option(fc.nat({ max: 39 })),
  /** Hours after the last line. */
  after: fc.double({ min: 0, max: 4, noNaN: true }),
  killedAt: fc.oneof(
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 500 }),
    fc.constant(Number.POSITIVE_INFINITY),
  ),
  written: fc.boolean(),
});

describe("traffic", () => {
  it("is exact for any deliveries, repetitions, delays, compactions and crashes", {
    tags: ["sampled"],
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 40 }),
        fc.array(step, { maxLength: 30 }),
        fc.boolean(),
        async (all, cuts, steps, early) => {
          const store = memoryStore();
          const deliveries = deliveriesOf(all, cuts);
          // Early steps run while lines arrive, so that compactions run between them.
          const times = steps.map(({ after, delivery }) => {
            const lines = delivery === null ? [] : (deliveries[delivery % deliveries.length] ?? []);
            const newest = Math.max(early ? START : START + SPAN_MS, ...lines.map(({ timestamp }) => timestamp));
            return { lines, compacts: delivery === null, now: newest + after * HOUR_MS };
          });
          const order = [...times.keys()].sort((a, b) => (times[a]?.now ?? 0) - (times[b]?.now ?? 0));
          for (const index of order) {
            const [at, how] = [times[index], steps[index]];
            if (at === undefined || how === undefined) continue;
            const dying = crashAtPut(store, how.killedAt, how.written);
            await survive(at.compacts ? compact(dying, at.now) : rollUp(at.lines, dying, at.now));
          }
          for (const lines of deliveries) await rollUp(lines, store, END);
          await compact(store, END);
          await expectExact(all, store, END);
          const before = [...store.items];
          for (const lines of deliveries) await rollUp(lines, store, END);
          await compact(store, END);
          await compact(store, END + MINUTE_MS);
          await expectExact(all, store, END + MINUTE_MS);
          const changed = before.filter(([key, item]) => store.items.get(key)?.body !== item.body);
          expect(changed.map(([key]) => key)).toEqual(
            before.map(([key]) => key).filter((key) => key.startsWith("watermark")),
          );
        },
      ),
      sampled({ suite: 25, soak: 1500 }),
    );
  });

  it("is exact immediately, before a compaction, unless a delivery is late", {
    tags: ["sampled"],
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        fc.array(fc.integer({ min: 0, max: SPAN_MS }), { maxLength: 6 }),
        async (all, compactions) => {
          const store = memoryStore();
          const sorted = all.toSorted((a, b) => a.timestamp - b.timestamp);
          const pending = compactions.map((offset) => START + offset).sort((a, b) => a - b);
          for (const [index, each] of sorted.entries()) {
            while ((pending[0] ?? Number.POSITIVE_INFINITY) <= each.timestamp)
              await compact(store, pending.shift() ?? 0);
            await rollUp([lineOf(each, index)], store, each.timestamp + 2 * MINUTE_MS);
          }
          await expectExact(all, store, START + SPAN_MS + 2 * MINUTE_MS);
        },
      ),
      sampled({ suite: 15, soak: 500 }),
    );
  });

  it("is exact after concurrent compactions and deliveries, and never too high in between", {
    tags: ["sampled"],
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), requests, fc.nat({ max: 39 }), async (scheduler, all, split) => {
        const store = memoryStore();
        const slow: TrafficStore = {
          put: scheduler.scheduleFunction((item) => store.put(item)),
          async *query(pk, first, last) {
            yield* await scheduler.schedule(Promise.resolve()).then(() => store.query(pk, first, last));
          },
        };
        const lines = all.map(lineOf);
        await rollUp(lines.slice(0, split), store, START + SPAN_MS);
        await compact(store, START + 3 * HOUR_MS);
        const answers = [0, 1].map(() => trafficOver(RANGES[4], slow, END));
        const work = [compact(slow, END), compact(slow, END + MINUTE_MS), rollUp(lines.slice(split), slow, END)];
        await scheduler.waitFor(Promise.all([...work, ...answers]));
        for (const answer of answers) {
          const { totals, unparseableLines } = await answer;
          expect(totals.requests + unparseableLines).toBeLessThanOrEqual(all.length);
          expect(totals.requests + unparseableLines).toBeGreaterThanOrEqual(Math.min(split, all.length));
        }
        await compact(store, END + 2 * MINUTE_MS);
        await expectExact(all, store, END + 2 * MINUTE_MS);
      }),
      sampled({ suite: 15, soak: 600 }),
    );
  });

  const one: Request = {
    timestamp: START,
    status: 200,
    route: "GET /events",
    address: "203.0.113.1",
    latency: 12,
    bytes: 71,
    refused: false,
    torn: false,
  };
  /** Holds some writes back until `release` is called. */
  function holdWrites(store: TrafficStore, held: (item: { pk: string }) => boolean) {
    let [release, reach] = [() => {}, () => {}];
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const put: TrafficStore["put"] = async (item) => {
      if (held(item)) {
        reach();
        await released;
      }
      await store.put(item);
    };
    return { store: { put, query: store.query }, release, reached };
  }

  /** Counts the partials that were read. */
  function countPartials(store: TrafficStore) {
    const count = { partials: 0 };
    const query: TrafficStore["query"] = async function* (pk, first, last) {
      for await (const item of store.query(pk, first, last)) {
        if (pk.startsWith("partial#")) count.partials += 1;
        yield item;
      }
    };
    return { count, store: { put: store.put, query } };
  }

  const RUNS = 70;
  const LINES_PER_MINUTE = 4;

  it("reads the partials of at most five minutes if compaction runs every minute", async () => {
    const { count, store } = countPartials(memoryStore());
    for (let minute = 0; minute < RUNS; minute++) {
      const now = START + minute * MINUTE_MS;
      for (let index = 0; index < LINES_PER_MINUTE; index++) {
        const timestamp = now + index * (MINUTE_MS / LINES_PER_MINUTE);
        await rollUp([lineOf({ ...one, timestamp }, minute * LINES_PER_MINUTE + index)], store, timestamp + 2_000);
      }
      await compact(store, now + MINUTE_MS - 1);
      count.partials = 0;
      const { totals } = await trafficOver(instants(START, now + MINUTE_MS), store, now + MINUTE_MS - 1);
      expect(totals.requests).toBe((minute + 1) * LINES_PER_MINUTE);
      expect(count.partials).toBeLessThanOrEqual(5 * LINES_PER_MINUTE);
    }
  });

  it("rebuilds the row of a late minute for a few minutes, not for hours", async () => {
    const { count, store } = countPartials(memoryStore());
    await rollUp([lineOf(one, 0)], store, START + 1_000);
    for (let minute = 1; minute <= 10; minute++) await compact(store, START + minute * MINUTE_MS);
    await rollUp([lineOf(one, 1)], store, START + 10 * MINUTE_MS);
    count.partials = 0;
    for (let minute = 11; minute <= 130; minute++) await compact(store, START + minute * MINUTE_MS);
    await expectExact([one, one], store, START + 130 * MINUTE_MS);
    // Two partials for each run in which the marker counts as new.
    expect(count.partials).toBeGreaterThanOrEqual(2);
    expect(count.partials).toBeLessThanOrEqual(2 * 4);
  });

  it("fails if compaction has stopped for so long that a query would read too much", async () => {
    const { count, store } = countPartials(memoryStore());
    await rollUp([lineOf(one, 0)], store, START + 1_000);
    await compact(store, START + 10 * MINUTE_MS);
    for (let index = 1; index <= MAX_PARTIALS + 1; index++) {
      const timestamp = START + 20 * MINUTE_MS + index * 500;
      await rollUp([lineOf({ ...one, timestamp }, index)], store, timestamp);
    }
    count.partials = 0;
    const now = START + 2 * HOUR_MS;
    await expect(trafficOver(instants(START, now), store, now)).rejects.toMatchObject({
      kind: "unavailable",
      code: "traffic.not-compacted",
      message: expect.stringContaining("2026-11-22T22:07:00.000Z"),
    });
    expect(count.partials).toBeLessThanOrEqual(MAX_PARTIALS + 1);
    // Compacted traffic can be read.
    const { totals } = await trafficOver(instants(START, START + 7 * MINUTE_MS), store, now);
    expect(totals.requests).toBe(1);
    await compact(store, now);
    expect((await trafficOver(instants(START, now), store, now)).totals.requests).toBe(MAX_PARTIALS + 2);
  });

  it("does not go back to the result of an older compaction that ends later", async () => {
    const store = memoryStore();
    await rollUp([lineOf(one, 0)], store, START);
    const slow = holdWrites(store, ({ pk }) => pk.startsWith("minute#"));
    const first = compact(slow.store, START + 2 * HOUR_MS);
    await slow.reached;
    await rollUp([lineOf(one, 1)], store, START + 2 * HOUR_MS);
    await compact(store, START + 2 * HOUR_MS + MINUTE_MS);
    slow.release();
    await first;
    await expectExact([one, one], store, START + 2 * HOUR_MS + MINUTE_MS);
  });

  it("does not lose a partial that is written after its marker was read in another hour", async () => {
    const store = memoryStore();
    await compact(store, START + 30 * MINUTE_MS);
    const slow = holdWrites(store, ({ pk }) => pk.startsWith("partial#"));
    const late = rollUp([lineOf(one, 0)], slow.store, START + HOUR_MS - 1_000);
    await slow.reached;
    await compact(store, START + HOUR_MS + 1_000);
    slow.release();
    await late;
    await compact(store, START + 2 * HOUR_MS + 1_000);
    await expectExact([one], store, START + 2 * HOUR_MS + 1_000);
  });
});
