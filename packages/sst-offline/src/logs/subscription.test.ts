import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type LogGroups, openLogGroups } from "./groups";
import { openLogs } from "./service";
import { startSubscription, type Wait } from "./subscription";
import { startSubscriptions } from "./subscriptions";

let folder: string;
let file: string;
let log: string;
let groups: LogGroups;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "subscription-"));
  file = path.join(folder, "position.json");
  log = openLogs(path.join(folder, "logs")).createStream("/g", "s").file;
  groups = openLogGroups(path.join(folder, "logs"));
  writeFileSync(log, "");
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...times: number[]) =>
  appendFileSync(log, times.map((time) => `{"timestamp":${time},"message":"${time}"}\n`).join(""));

interface Delivery {
  logStream: string;
  logEvents: { timestamp: number }[];
}

function timesIn(event: string): number[] {
  const { data } = (JSON.parse(event) as { awslogs: { data: string } }).awslogs;
  const { logEvents } = JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString()) as Delivery;
  return logEvents.map(({ timestamp }) => timestamp);
}

/** A wait that the test ends. `pauses` has the milliseconds of each call. */
function manualWait() {
  const pauses: number[] = [];
  let proceed = () => {};
  let waiting = () => {};
  const wait: Wait = (milliseconds, signal) =>
    new Promise((resolve) => {
      pauses.push(milliseconds);
      const end = () => {
        signal.removeEventListener("abort", end);
        resolve();
      };
      proceed = end;
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
      waiting();
    });
  return {
    wait,
    pauses,
    /** Ends the wait and resolves when the next one begins. */
    round: () =>
      new Promise<void>((resolve) => {
        waiting = resolve;
        proceed();
      }),
  };
}

function start(
  deliver: (event: string) => Promise<boolean>,
  { wait }: { wait: Wait },
  options: { stopLimitMs?: number } = {},
) {
  const notices: string[] = [];
  const filter = { name: "Fixture", logGroup: "/g", matches: () => true, accountId: "000000000000" };
  const notice = (text: string) => notices.push(text);
  const stop = startSubscription({ filter, groups, file, deliver, notice, wait, ...options });
  return { stop, notices };
}

describe("a log subscription that fails", () => {
  it("reports each reason once, waits longer each time, and reports when it works again", async () => {
    const clock = manualWait();
    let failure: string | undefined;
    const delivered: number[][] = [];
    const { stop, notices } = start(async (event) => {
      if (failure !== undefined) throw new Error(failure);
      delivered.push(timesIn(event));
      return true;
    }, clock);
    await clock.round();
    write(1);
    failure = "no function";
    for (let attempt = 0; attempt < 10; attempt++) await clock.round();
    failure = "no disk";
    for (let attempt = 0; attempt < 3; attempt++) await clock.round();
    failure = undefined;
    await clock.round();
    expect(notices).toEqual([
      expect.stringContaining("no function"),
      expect.stringContaining("no disk"),
      expect.stringContaining("works again"),
    ]);
    expect(delivered).toEqual([[1]]);
    const [, ...retries] = clock.pauses;
    expect(retries.slice(0, 5)).toEqual([250, 500, 1000, 2000, 4000]);
    expect(Math.max(...retries)).toBe(30_000);
    expect(retries.at(-1)).toBe(250);
    await stop();
  });

  it("names its file if it cannot be read, and continues once it can", async () => {
    const clock = manualWait();
    file = path.join(folder, "subscriptions", "position.json");
    writeFileSync(path.dirname(file), "");
    const { stop, notices } = start(async () => true, clock);
    await clock.round();
    await clock.round();
    expect(notices).toEqual([expect.stringContaining(file)]);
    rmSync(path.dirname(file));
    await clock.round();
    expect(notices).toHaveLength(2);
    await stop();
  });
});

describe("a log subscription that is replaced during a delivery", () => {
  it("keeps the file until it has ended, and the next one continues from there", async () => {
    const [clock, next] = [manualWait(), manualWait()];
    let finish = (_isDone: boolean) => {};
    const seen: string[] = [];
    const old = start((event) => {
      seen.push(`old ${timesIn(event)}`);
      return new Promise((resolve) => {
        finish = resolve;
      });
    }, clock);
    await clock.round();
    write(1);
    void clock.round();
    await expect.poll(() => seen).toEqual(["old 1"]);
    const renewed = start(async (event) => {
      seen.push(`new ${timesIn(event)}`);
      return true;
    }, next);
    const stopped = old.stop();
    write(2);
    finish(true);
    await stopped;
    await expect.poll(() => seen).toEqual(["old 1", "new 2"]);
    await renewed.stop();
  });

  it("is abandoned after a limit; its batch comes again unchanged, and its late end has no effect", async () => {
    const [clock, next] = [manualWait(), manualWait()];
    let finish = (_isDone: boolean) => {};
    const seen: string[] = [];
    const hangs = (event: string) =>
      new Promise<boolean>((resolve) => {
        seen.push(`old ${timesIn(event)}`);
        finish = resolve;
      });
    const limited: Wait = async (milliseconds, signal) =>
      milliseconds === 7 ? undefined : clock.wait(milliseconds, signal);
    const old = start(hangs, { wait: limited }, { stopLimitMs: 7 });
    await clock.round();
    write(1);
    void clock.round();
    await expect.poll(() => seen).toEqual(["old 1"]);
    await old.stop();
    const renewed = start(async (event) => {
      seen.push(`new ${timesIn(event)}`);
      return true;
    }, next);
    write(2);
    await next.round();
    expect(seen).toEqual(["old 1", "new 1", "new 2"]);
    const before = readFileSync(file, "utf8");
    finish(true);
    await next.round();
    expect(readFileSync(file, "utf8")).toBe(before);
    await renewed.stop();
  });

  it("can be stopped while it waits for the previous one", async () => {
    const clock = manualWait();
    const first = start(async () => true, clock);
    await clock.round();
    const second = start(async () => true, manualWait());
    await second.stop();
    await first.stop();
    expect([first.notices, second.notices]).toEqual([[], []]);
  });
});

describe("a log subscription whose file is deleted during use", () => {
  it("writes the file again and delivers nothing twice", async () => {
    const clock = manualWait();
    const seen: number[][] = [];
    const { stop } = start(async (event) => seen.push(timesIn(event)) > 0, clock);
    await clock.round();
    write(1);
    await clock.round();
    rmSync(file);
    await clock.round();
    expect([seen, existsSync(file)]).toEqual([[[1]], true]);
    await stop();
  });
});

describe("log subscriptions of a graph", () => {
  it("each have a file, even with the same name on two groups or a very long name", async () => {
    const base = { matches: () => true, accountId: "000000000000", destinationArn: "arn" };
    const filters = [
      { ...base, name: "RollUpTraffic-dev", logGroup: "/a" },
      { ...base, name: "same", logGroup: "/a" },
      { ...base, name: "same", logGroup: "/b" },
      { ...base, name: "x/../y".repeat(80), logGroup: "/a" },
    ];
    const clock = manualWait();
    const positions = path.join(folder, "subscriptions");
    const stop = startSubscriptions(
      filters,
      groups,
      positions,
      async () => true,
      () => {},
      clock.wait,
    );
    const list = () => (existsSync(positions) ? readdirSync(positions) : []);
    await expect.poll(list).toHaveLength(4);
    expect(list()).toContain("RollUpTraffic-dev.json");
    await stop();
  });
});
