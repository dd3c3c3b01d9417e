import { addRequest, type Group, mergeGroup, newGroup } from "./group";
import { percentiles } from "./histogram";
import type { AccessLogReport } from "./report";

/** At most so many spans. */
const BUCKETS = 120;
const DAY = 86_400_000;
/** Milliseconds of a span. Each is a multiple of the one before, so that spans can be joined. */
const STEPS = [1000, 10_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, DAY, 7 * DAY, 28 * DAY, 364 * DAY];

/** Requests over time, in spans that grow with the time that they cover. */
export interface Series {
  add(time: number, statusClass: number, latency: number): void;
  /** Epoch milliseconds of the first and the last request. */
  range(): { from: number; to: number };
  report(): AccessLogReport["series"];
  isRounded(): boolean;
}

export function createSeries(): Series {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let step = STEPS[0] as number;
  let spans = new Map<number, Group>();
  // Requests come in the order of time, mostly: the next one is in the same span.
  let current = newGroup();
  let [begins, ends] = [0, 0];
  return {
    add,
    range: () => ({ from, to }),
    report,
    isRounded: () => [...spans.values()].some(({ latency }) => latency.isRounded),
  };

  function add(time: number, statusClass: number, latency: number): void {
    if (time < from) from = time;
    if (time > to) to = time;
    if (to - from >= step * BUCKETS) widen();
    if (time < begins || time >= ends) turnTo(time);
    addRequest(current, statusClass, latency);
  }

  function widen(): void {
    while ((to - from) / step >= BUCKETS) step = STEPS.find((wider) => wider > step) ?? 2 * step;
    const joined = new Map<number, Group>();
    for (const [start, span] of spans) {
      const wider = Math.floor(start / step) * step;
      const known = joined.get(wider);
      if (known === undefined) joined.set(wider, span);
      else mergeGroup(known, span);
    }
    spans = joined;
    ends = begins;
  }

  function turnTo(time: number): void {
    begins = Math.floor(time / step) * step;
    ends = begins + step;
    const known = spans.get(begins);
    current = known ?? newGroup();
    if (known === undefined) spans.set(begins, current);
  }

  function report(): AccessLogReport["series"] {
    if (spans.size === 0) return { step: 0, buckets: [] };
    const first = Math.floor(from / step);
    const length = Math.floor(to / step) - first + 1;
    const buckets = Array.from({ length }, (_, index) => {
      const start = (first + index) * step;
      const { requests, statusClasses, latency } = spans.get(start) ?? newGroup();
      const p95 = percentiles(latency)?.p95;
      return { start, requests, statusClasses, ...(p95 !== undefined && { p95 }) };
    });
    return { step, buckets };
  }
}
