const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23", // hour12: false has 24:00 for midnight in some languages
});
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "2-digit" });

export function count(value: number): string {
  return number.format(value);
}

/** `12,345` up to five digits, `1.2M` above. */
export function shortCount(value: number): string {
  return Math.abs(value) < 100_000 ? number.format(Math.round(value)) : compact.format(value);
}

/** @param ratio from 0 to 1 */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return "0 %";
  if (value < 0.01) return "< 0.01 %";
  if (value >= 99.5 && value < 100) return `${Math.min(99.9, value).toFixed(1)} %`;
  return `${value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} %`;
}

export function duration(milliseconds: number): string {
  if (milliseconds >= 60_000) return `${(milliseconds / 60_000).toFixed(1)} min`;
  if (milliseconds >= 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
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

/** As the API is asked, in UTC. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** In the person's own zone. */
export function timeOfDay(at: number): string {
  return clock.format(at);
}

export function milliseconds(at: number): string {
  return `.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

export function date(at: number): string {
  return day.format(at);
}

/** As a field of a form has it, in the person's own zone: `2026-11-23T09:30`. */
export function localMinute(at: number): string {
  const time = new Date(at);
  const local = new Date(at - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** For the title of a time, which is shown in the person's own zone. */
export function utc(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15
    ? `${new Date(at).toISOString().replace("T", " ").replace("Z", "")} UTC`
    : "";
}

/** `urn:...:access.group` -> `access.group`. */
export function codeOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
