import { addRequest, type Group, mergeGroup, newGroup } from "./group";
import { percentiles } from "./histogram";
import type { AccessLogReport } from "./report";

const MAX_BUCKETS = 120;
const DAY_MS = 86_400_000;
/** Lengths of a bucket. Each is a multiple of the previous one, so that buckets can be merged. */
const STEPS_MS = [
  1000,
  10_000,
  60_000,
  300_000,
  900_000,
  3_600_000,
  21_600_000,
  DAY_MS,
  7 * DAY_MS,
  28 * DAY_MS,
  364 * DAY_MS,
];

/** Requests over time, in buckets that get longer as the covered time grows. */
export interface Series {
  add(time: number, statusClass: number, latency: number): void;
  /** Returns the epoch milliseconds of the first and the last request. */
  range(): { from: number; to: number };
  report(): AccessLogReport["series"];
  isRounded(): boolean;
}

export function createSeries(): Series {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let step = STEPS_MS[0] as number;
  let groups = new Map<number, Group>();
  // Requests are mostly in order of time, so the next one is usually in the same bucket.
  let current = newGroup();
  let [begins, ends] = [0, 0];
  return {
    add,
    range: () => ({ from, to }),
    report,
    isRounded: () => [...groups.values()].some(({ latency }) => latency.isRounded),
  };

  function add(time: number, statusClass: number, latency: number): void {
    if (time < from) from = time;
    if (time > to) to = time;
    if (to - from >= step * MAX_BUCKETS) widen();
    if (time < begins || time >= ends) switchTo(time);
    addRequest(current, statusClass, latency);
  }

  function widen(): void {
    while ((to - from) / step >= MAX_BUCKETS) step = STEPS_MS.find((wider) => wider > step) ?? 2 * step;
    const merged = new Map<number, Group>();
    for (const [start, group] of groups) {
      const wider = Math.floor(start / step) * step;
      const existing = merged.get(wider);
      if (existing === undefined) merged.set(wider, group);
      else mergeGroup(existing, group);
    }
    groups = merged;
    ends = begins;
  }

  function switchTo(time: number): void {
    begins = Math.floor(time / step) * step;
    ends = begins + step;
    const existing = groups.get(begins);
    current = existing ?? newGroup();
    if (existing === undefined) groups.set(begins, current);
  }

  function report(): AccessLogReport["series"] {
    if (groups.size === 0) return { step: 0, buckets: [] };
    const first = Math.floor(from / step);
    const length = Math.floor(to / step) - first + 1;
    const buckets = Array.from({ length }, (_, index) => {
      const start = (first + index) * step;
      const { requests, statusClasses, latency } = groups.get(start) ?? newGroup();
      const p95 = percentiles(latency)?.p95;
      return { start, requests, statusClasses, ...(p95 !== undefined && { p95 }) };
    });
    return { step, buckets };
  }
}
