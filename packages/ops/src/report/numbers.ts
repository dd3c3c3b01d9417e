import { isoInstant } from "@backend/platform/epoch";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 2 });

export const count = (value: number): string => grouped.format(value);

/** Formats milliseconds, or a dash if nothing was measured. */
export const milliseconds = (value: number | undefined): string =>
  value === undefined ? "-" : `${grouped.format(value)} ms`;

/** Formats `part` of `whole` as a percentage, or a dash if `whole` is 0. */
export const shareOf = (part: number, whole: number): string => (whole === 0 ? "-" : percent.format(part / whole));

/** Formats bytes in decimal units, as AWS bills them. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(value, 1)) / 3), 0), units.length - 1);
  return `${grouped.format(value / 1000 ** power)} ${units[power]}`;
}

/** Formats epoch milliseconds in UTC, to the second: `2026-11-23 09:30:00`. */
export const moment = (epoch: number): string => isoInstant(epoch).slice(0, 19).replace("T", " ");

/** Formats milliseconds in the largest unit that divides them: `5 min`, `1 h`. */
export function span(value: number): string {
  const [size, unit] = UNITS.find(([size]) => value % size === 0) ?? [1, "ms"];
  return `${grouped.format(value / size)} ${unit}`;
}

const UNITS: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];
