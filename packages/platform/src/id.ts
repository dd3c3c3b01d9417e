import { decodeTime, encodeTime, monotonicFactory } from "ulid";

/** Makes an id for a time in epoch milliseconds. Later ids sort after earlier ones. */
export type NewId = (time: number) => string;

/** The most that ids may be ahead of a clock that was set back. */
const MAX_AHEAD_MS = 1_000;

/**
 * Creates a function that makes ULIDs (https://github.com/ulid/spec) in ascending order, also
 * within a millisecond and if the clock is set back by up to a second. If it is set back further, a
 * new sequence starts, so that ids do not stay in the future.
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

/** Crockford's base 32 in upper case, as `idFactory` writes it. The time has 48 bits. */
const ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

/** Returns the time of an id, in epoch milliseconds. */
export function timeOf(id: string): number {
  return decodeTime(id);
}

/** Returns the UTC day of an id, such as `2026-11-23`. */
export function dayOf(id: string): string {
  return new Date(timeOf(id)).toISOString().slice(0, 10);
}

/** Returns the lowest id of a time in epoch milliseconds. */
export function lowestId(time: number): string {
  return `${encodeTime(time, 10)}${"0".repeat(16)}`;
}

/** Returns the highest id of a time in epoch milliseconds. */
export function highestId(time: number): string {
  return `${encodeTime(time, 10)}${"Z".repeat(16)}`;
}
