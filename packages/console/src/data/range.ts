import { isoInstant } from "@backend/platform/epoch";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGES = {
  "15m": { label: "15 min", length: 15 * MINUTE },
  "1h": { label: "1 h", length: HOUR },
  "6h": { label: "6 h", length: 6 * HOUR },
  "24h": { label: "24 h", length: DAY },
  "7d": { label: "7 d", length: 7 * DAY },
  "30d": { label: "30 d", length: 30 * DAY },
} as const;

/** Epoch milliseconds: what a date of four digits can name, in every zone. */
const EARLIEST = Date.UTC(1970, 0, 2);
const LATEST = Date.UTC(9999, 11, 30);

export type RangeName = keyof typeof RANGES;

export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

export interface Range {
  /** Epoch milliseconds. */
  from: number;
  to: number;
  /** Of the length that ends now, and moves along; absent for a range that was written out. */
  name?: RangeName;
}

/** As an address says: `range=1h`, or `from` and `to`. Anything else is the usual range. */
export function rangeOf(query: URLSearchParams, usual: RangeName, now: number): Range {
  const [from, to] = [Date.parse(query.get("from") ?? ""), Date.parse(query.get("to") ?? "")];
  if (EARLIEST <= from && from < to && to <= LATEST) return { from, to };
  const given = query.get("range") ?? "";
  const name = Object.hasOwn(RANGES, given) ? (given as RangeName) : usual;
  return { from: now - RANGES[name].length, to: now, name };
}

/**
 * What the API is asked with. A range that ends now is left open, so that no clock cuts it off, and
 * begins with a minute: a browser asks for leave (CORS) once for each address.
 */
export function queryOf({ from, to, name }: Range): { from: string; to?: string } {
  if (name !== undefined) return { from: isoInstant(minuteOf(from)) };
  return { from: isoInstant(from), to: isoInstant(to) };
}

/** The beginning of a moment's minute, in epoch milliseconds. */
export function minuteOf(time: number): number {
  return time - (time % MINUTE);
}
