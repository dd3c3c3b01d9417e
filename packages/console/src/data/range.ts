import { isoInstant } from "@backend/platform/epoch";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGES = {
  "15m": { label: "15m", length: 15 * MINUTE },
  "1h": { label: "1h", length: HOUR },
  "6h": { label: "6h", length: 6 * HOUR },
  "24h": { label: "24h", length: DAY },
  "7d": { label: "7d", length: 7 * DAY },
  "30d": { label: "30d", length: 30 * DAY },
} as const;

/** Epoch milliseconds. Between them, a year has four digits in every time zone. */
const EARLIEST = Date.UTC(1970, 0, 2);
const LATEST = Date.UTC(9999, 11, 30);

export type RangeName = keyof typeof RANGES;

export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

export interface Range {
  /** Epoch milliseconds. */
  from: number;
  to: number;
  /** Set for a range that ends now. Undefined for a custom range. */
  name?: RangeName;
}

/** Reads the range from a URL: `range=1h`, or `from` and `to`. Otherwise, returns the fallback. */
export function rangeOf(query: URLSearchParams, fallback: RangeName, now: number): Range {
  const [from, to] = [Date.parse(query.get("from") ?? ""), Date.parse(query.get("to") ?? "")];
  if (EARLIEST <= from && from < to && to <= LATEST) return { from, to };
  const given = query.get("range") ?? "";
  const name = Object.hasOwn(RANGES, given) ? (given as RangeName) : fallback;
  return { from: now - RANGES[name].length, to: now, name };
}

/**
 * Returns the API's query for a range. A range that ends now has no `to`, so that a wrong clock
 * can't cut it off. It starts at a full minute: browsers send a CORS preflight for each new URL.
 */
export function queryOf({ from, to, name }: Range): { from: string; to?: string } {
  if (name !== undefined) return { from: isoInstant(minuteOf(from)) };
  return { from: isoInstant(from), to: isoInstant(to) };
}

/** Returns the start of a time's minute, in epoch milliseconds. */
export function minuteOf(time: number): number {
  return time - (time % MINUTE);
}
