import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { periodOf, startSchedules } from "./schedules";

// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
it.each([
  ["rate(1 hour)", 3_600_000],
  ["rate(5 minutes)", 300_000],
  ["rate(1 minutes)", 60_000],
  ["rate(2 days)", 172_800_000],
  ["rate(0 minutes)", undefined],
  ["rate(1 second)", undefined],
  ["cron(0 12 * * ? *)", undefined],
  ["at(2026-11-23T09:30:00)", undefined],
])("%s has a period of %s ms", (expression, period) => expect(periodOf(expression)).toBe(period));

describe("a schedule", () => {
  const HOUR = 3_600_000;
  let folder: string;
  let ran: [arn: string, input: string][];
  let stop = () => {};
  beforeEach(() => {
    vi.useFakeTimers();
    folder = mkdtempSync(path.join(os.tmpdir(), "schedules-"));
    ran = [];
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });
  const start = (period = HOUR) => {
    const invoke = async (arn: string, input: string) => ran.push([arn, input]) > 0;
    const schedule = { name: "S", periodMs: period, functionArn: "arn", input: '{"a":1}' };
    stop = startSchedules([schedule], path.join(folder, "schedules.json"), invoke, () => {});
  };

  it("runs its function once in each period", () => {
    start();
    vi.advanceTimersByTime(HOUR - 1);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual([["arn", '{"a":1}']]);
    vi.advanceTimersByTime(2 * HOUR);
    expect(ran).toHaveLength(3);
  });

  it("continues after a restart; a run that was due in between happens once, at the start", () => {
    start();
    vi.advanceTimersByTime(0.5 * HOUR);
    stop();
    start();
    vi.advanceTimersByTime(0.5 * HOUR);
    expect(ran).toHaveLength(1);
    stop();
    vi.setSystemTime(Date.now() + 5 * HOUR);
    start();
    vi.advanceTimersByTime(1);
    expect(ran).toHaveLength(2);
    vi.advanceTimersByTime(HOUR - 2);
    expect(ran).toHaveLength(2);
  });

  it("may have a longer period than a timer can wait", () => {
    start(60 * 24 * HOUR);
    vi.advanceTimersByTime(60 * 24 * HOUR - 1);
    expect(ran).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(ran).toHaveLength(1);
  });

  it("runs nothing after it has been stopped", () => {
    start();
    stop();
    vi.advanceTimersByTime(3 * HOUR);
    expect(ran).toEqual([]);
  });
});
