import { decodeTime, encodeTime, monotonicFactory } from "ulid";

/** Makes an id for a moment in epoch milliseconds; later ids sort after earlier ones. */
export type NewId = (time: number) => string;

/** How far ids may run ahead of a clock that was set back. */
const MAX_AHEAD_MS = 1_000;

/**
 * Makes ULIDs (https://github.com/ulid/spec) in ascending order, also within a millisecond and when the clock steps back
 * by up to a second. A clock that is set back further starts a new sequence: ids must not stay in the future.
 */
export function idFactory(): NewId {
  let newId = monotonicFactory();
  let latest = 0;
  return (time) => {
    if (time < latest - MAX_AHEAD_MS) {
      newId = monotonicFactory();
      latest = time;
    }
    latest = Math.max(latest, time);
    return newId(time);
  };
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
