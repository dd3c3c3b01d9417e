import { type Match, newMatch } from "./match";
import { PROBE_BYTES, type Recent } from "./recent";

/** A fast reader for the lines of one format. */
export interface Frame {
  /**
   * Reads a line into `match`. The line must have exactly the format's bytes between its values,
   * and values of the right kind. It is then certain to be JSON and an entry.
   *
   * @returns the offset of the next line, or -1 if the line has another format or is incomplete
   */
  read(bytes: Uint8Array, view: DataView, start: number): number;
  match: Match;
}

/** Roles: the kinds of values in a line. */
export const ANY_TEXT = 0;
export const DIGITS = 1;
export const DIGITS_OR_DASH = 2;
export const TEXT_BUT_DASH = 3;
/**
 * A number's role is `NUMBER` plus its index in `NUMBERS`, a text's is `TEXT` plus its index in
 * `TEXTS`.
 */
export const NUMBER = 4;
export const TEXT = 8;

/** A role and, for a number, its valid range. */
export interface Role {
  role: number;
  range?: readonly [smallest: number, largest: number] | undefined;
}

/** Bytes that are compared at once. No piece may be shorter. */
export const WORD_BYTES = 8;
const SPACE = 0x20;
const QUOTE = 0x22;
const DASH_AND_QUOTE = 0x222d;
const BACKSLASH = 0x5c;

/**
 * Compiles a frame to a function. That is twice as fast as interpreting the roles for every line.
 * Safe, because the source text contains only lengths and bytes of the log, written as numbers.
 *
 * @param pieces constant bytes before each value
 * @param tail constant bytes after the last value, with the line break
 */
export function compileFrame(pieces: Uint8Array[], roles: Role[], tail: Uint8Array, recents: readonly Recent[]): Frame {
  const match = newMatch(true);
  const steps = roles.map((role, index) => `${pieceStep(pieces[index] as Uint8Array)}\n${valueStep(role, index)}`);
  const tailTest = Array.from(tail, (byte, index) => `bytes[at + ${index}] !== ${byte}`).join(" || ");
  const body = `"use strict";
    const { numbers, texts, keyIndexes } = match;
    const last = new Int32Array(${2 * roles.length});
    let previousView;
    return function read(bytes, view, start) {
      const size = bytes.length - ${PROBE_BYTES};
      if (previousView !== view) {
        previousView = view;
        last.fill(0);
      }
      let at = start;
      let from = 0;
      let keyIndex = 0;
      ${steps.join("")}
      if (at + ${tail.length} > size || ${tailTest}) return -1;
      return at + ${tail.length};
    };`;
  const make = new Function("match", "recents", "endOfText", "endOfRepeated", body);
  return { read: make(match, recents, endOfText, endOfRepeated), match };
}

/**
 * Compares a piece eight bytes at a time, as floats; the last eight may overlap those before them.
 * Equal floats mean equal bytes: NaN is never equal, and no byte is 0, so there is no -0.
 */
function pieceStep(piece: Uint8Array): string {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const last = piece.length - WORD_BYTES;
  const words: string[] = [];
  for (let at = 0; at < last + WORD_BYTES; at += WORD_BYTES) {
    const offset = Math.min(at, last);
    words.push(`view.getFloat64(at + ${offset}, true) !== ${view.getFloat64(offset, true)}`);
  }
  return `if (at + ${piece.length} > size || ${words.join(" || ")}) return -1;
      at += ${piece.length};`;
}

function valueStep({ role, range }: Role, index: number): string {
  if (role >= TEXT) return textStep(role - TEXT);
  if (role === ANY_TEXT)
    return `at = endOfRepeated(last, ${index}, bytes, view, at, size);
      if (at < 0) return -1;`;
  if (role === TEXT_BUT_DASH)
    return `if (view.getInt16(at, true) === ${DASH_AND_QUOTE}) return -1;
      at = endOfText(bytes, view, at, size);
      if (at < 0) return -1;`;
  const value = `value${index}`;
  return `from = at;
      let ${value} = 0;
      for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9 && at < from + 9; digit = bytes[at] - 48) {
        ${value} = (${value} * 10 + digit) | 0; // 32-bit integers are faster
        at++;
      }
      if (at === from + 9) {
        for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9; digit = bytes[at] - 48) {
          ${value} = ${value} * 10 + digit;
          at++;
        }
      }
      ${role === DIGITS_OR_DASH ? "if (at === from && bytes[at] === 45) at++; else" : ""}
      if (at === from || at - from > 15 || (at > from + 1 && bytes[from] === 48)) return -1;
      ${range === undefined ? "" : rangeTest(value, range)}
      ${role >= NUMBER ? `numbers[${role - NUMBER}] = ${value};` : ""}`;
}

function rangeTest(value: string, [smallest, largest]: readonly [number, number]): string {
  return `if (bytes[from] !== 45 && (${value} < ${smallest} || ${value} > ${largest})) return -1;`;
}

function textStep(text: number): string {
  return `if (view.getInt16(at, true) === ${DASH_AND_QUOTE}) {
        texts[${2 * text}] = -1;
        at++;
      } else {
        texts[${2 * text}] = at;
        keyIndex = recents[${text}].find(view, at, size);
        keyIndexes[${text}] = keyIndex;
        if (keyIndex >= 0) at += recents[${text}].length;
        else {
          at = endOfText(bytes, view, at, size);
          if (at < 0) return -1;
        }
        texts[${2 * text + 1}] = at;
      }`;
}

/**
 * Returns the end of a text without a role. It is usually the same text as in the previous line.
 */
function endOfRepeated(
  last: Int32Array,
  index: number,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  size: number,
): number {
  const previous = last[2 * index] as number;
  const length = last[2 * index + 1] as number;
  if (length > 0 && start + length <= size && isSame(view, previous, start, length)) return start + length - 1;
  const end = endOfText(bytes, view, start, size);
  last[2 * index] = start;
  last[2 * index + 1] = end - start + 1;
  return end;
}

/** Compares at least `length` bytes. What follows a short text is usually the same in each line. */
function isSame(view: DataView, a: number, b: number, length: number): boolean {
  const last = length > WORD_BYTES ? length - WORD_BYTES : 0;
  for (let at = 0; at < last; at += WORD_BYTES) {
    if (view.getFloat64(a + at, true) !== view.getFloat64(b + at, true)) return false;
  }
  return view.getFloat64(a + last, true) === view.getFloat64(b + last, true);
}

/**
 * Returns the offset of the quote that ends a text, or -1 if the text contains an escape, or a
 * control character, which is invalid in JSON.
 */
function endOfText(bytes: Uint8Array, view: DataView, start: number, size: number): number {
  let at = start;
  for (; ; at += 4) {
    if (at > size) return -1;
    const four = view.getInt32(at, true);
    const quotes = four ^ 0x22222222;
    const slashes = four ^ 0x5c5c5c5c;
    // Non-zero if one of the four bytes is a control character, a quote or a backslash:
    // https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
    const some =
      ((four - 0x20202020) & ~four) | ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes);
    if ((some & 0x80808080) !== 0) break;
  }
  for (; ; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte < SPACE || byte === BACKSLASH) return -1;
  }
}
