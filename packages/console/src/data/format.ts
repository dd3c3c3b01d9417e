import { isoInstant, isTime } from "@backend/platform/epoch";

import { browserLocale } from "./locale";

/** Stands in for a value that does not exist. */
export const MISSING = "—";

const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
// `hour12: false` writes midnight as 24:00 in some languages.
const minute = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const clock = formatOf({ ...minute, second: "2-digit" });
const clockToMinute = formatOf(minute);
const day = formatOf({ year: "numeric", month: "short", day: "2-digit" });
const dayWithoutYear = formatOf({ month: "short", day: "2-digit" });

export function count(value: number): string {
  return number.format(value);
}

/** `12,345` up to five digits, `1.2M` above. */
export function shortCount(value: number): string {
  return Math.abs(value) < 100_000 ? number.format(Math.round(value)) : compact.format(value);
}

/**
 * Writes a ratio with two significant digits: `1.2%`. Three near 100%, so that one failure among
 * many requests shows.
 *
 * @param ratio from 0 to 1
 */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return "0%";
  if (value < 0.01) return "< 0.01%";
  if (value >= 99.5 && value < 100) return `${Math.min(99.9, value).toFixed(1)}%`;
  return `${value.toFixed(value < 0.995 ? 2 : value < 9.95 ? 1 : 0)}%`;
}

/** Writes `840 ms`, `2.8 s` or `1.5 min`. */
export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return MISSING;
  if (milliseconds >= 59_950) return `${(milliseconds / 60_000).toFixed(1)} min`;
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  return milliseconds < 10 && !Number.isInteger(milliseconds)
    ? `${milliseconds.toFixed(1)} ms`
    : `${number.format(Math.round(milliseconds))} ms`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

export function bytes(value: number): string {
  let [size, unit] = [value, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** `local` is the reader's time zone. */
export type Zone = "local" | "UTC";

// A time outside the range of `Date` is missing.
export const timeOfDay = (at: number): string => formatTime(clock, at);
export const minuteOfDay = (at: number, zone?: Zone): string => formatTime(clockToMinute, at, zone);
export const date = (at: number, zone?: Zone): string => formatTime(day, at, zone);
export const dayOfMonth = (at: number, zone?: Zone): string => formatTime(dayWithoutYear, at, zone);

export function milliseconds(at: number): string {
  return `.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

/**
 * Writes a time in the reader's time zone for a form field: `2026-11-23T09:30`. Empty for an
 * invalid time.
 */
export function localMinute(at: number): string {
  if (!isTime(at)) return "";
  const time = new Date(at);
  const local = new Date(at - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/**
 * Writes a range in the reader's time zone: `27 Nov, 17:55–17:59`, with the year unless it is this
 * year.
 */
export function timeRange(from: number, to: number, now = Date.now()): string {
  const [year, ...others] = [from, to, now].map((at) => new Date(at).getFullYear());
  const dayOf = others.every((other) => other === year) ? dayOfMonth : date;
  const [first, last] = [dayOf(from), dayOf(to)];
  const start = `${first}, ${minuteOfDay(from)}`;
  return first === last ? `${start}–${minuteOfDay(to)}` : `${start} – ${last}, ${minuteOfDay(to)}`;
}

/** Writes a time in UTC, for the tooltip of a time in the reader's time zone. */
export function utc(at: number): string {
  return isTime(at) ? `${isoInstant(at).replace("T", " ").replace("Z", "")} UTC` : "";
}

/** `urn:...:access.group` -> `access.group`. */
export function codeOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}

function formatOf(options: Intl.DateTimeFormatOptions): Record<Zone, Intl.DateTimeFormat> {
  const inZone = (zone: object) => new Intl.DateTimeFormat(browserLocale(), { ...options, ...zone });
  return { local: inZone({}), UTC: inZone({ timeZone: "UTC" }) };
}

function formatTime(formats: Record<Zone, Intl.DateTimeFormat>, at: number, zone: Zone = "local"): string {
  return isTime(at) ? formats[zone].format(at) : MISSING;
}
