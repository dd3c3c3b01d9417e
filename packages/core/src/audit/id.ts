import { decodeTime, encodeTime, monotonicFactory } from "ulid";

/** Makes an id for a moment in epoch milliseconds; later ids sort after earlier ones. */
export type NewId = (time: number) => string;

/** ULIDs, in ascending order also within a millisecond, and where the clock is set back: https://github.com/ulid/spec */
export function idFactory(): NewId {
  return monotonicFactory();
}

/** Crockford's base 32, in the upper case that `idFactory` writes; the time fits 48 bits. */
const ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

/** Epoch milliseconds. */
export function timeOf(id: string): number {
  return decodeTime(id);
}

/** The day of an id, in UTC: `2026-11-23`. */
export function dayOf(id: string): string {
  return new Date(timeOf(id)).toISOString().slice(0, 10);
}

/** The lowest id of a moment. */
export function lowestId(time: number): string {
  return `${encodeTime(time, 10)}${"0".repeat(16)}`;
}

/** The highest id of a moment. */
export function highestId(time: number): string {
  return `${encodeTime(time, 10)}${"Z".repeat(16)}`;
}
