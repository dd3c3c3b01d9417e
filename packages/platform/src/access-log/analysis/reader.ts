import { type Match, newMatch } from "./match";
import { PROBED, type Recent } from "./recent";

/** What is the same in line after line of one format. */
export interface Frame {
  /**
   * Reads a line into `match`: it has to have the bytes of the format between its values, and
   * between each two a value of the right kind. Then it is known to be JSON and to be an entry.
   *
   * @returns where the next line begins; -1 where the line does not fit or does not end here, which says nothing about it but that it
   *   has to be read in another way
   */
  read(bytes: Uint8Array, view: DataView, start: number): number;
  match: Match;
}

/** What may stand where a line has a value. */
export const ANY_TEXT = 0;
export const DIGITS = 1;
export const DIGITS_OR_DASH = 2;
export const TEXT_BUT_DASH = 3;
/** The role of a number is this plus its index in `NUMBERS`; that of a text plus its index in `TEXTS`. */
export const NUMBER = 4;
export const TEXT = 8;

/** A role, and for a number its smallest and largest value. */
export interface Role {
  role: number;
  range?: readonly [smallest: number, largest: number] | undefined;
}

/** Bytes that are compared at once: no piece may be shorter. */
export const WORD = 8;
const SPACE = 0x20;
const QUOTE = 0x22;
const DASH_AND_QUOTE = 0x222d;
const BACKSLASH = 0x5c;

/**
 * The frame of a format, its reader a function made for it. It is twice as fast as one that looks
 * up at each value of each line what is expected there. Nothing of the log is in its text but
 * lengths, and bytes as numbers.
 */
export function compileFrame(pieces: Uint8Array[], roles: Role[], tail: Uint8Array, recents: readonly Recent[]): Frame {
  const match = newMatch(true);
  const steps = roles.map((role, index) => `${pieceStep(pieces[index] as Uint8Array)}\n${valueStep(role, index)}`);
  const tailTest = Array.from(tail, (byte, index) => `bytes[at + ${index}] !== ${byte}`).join(" || ");
  const body = `"use strict";
    const { numbers, texts, places } = match;
    const last = new Int32Array(${2 * roles.length});
    let lastView;
    return function read(bytes, view, start) {
      const size = bytes.length - ${PROBED};
      if (lastView !== view) {
        lastView = view;
        last.fill(0);
      }
      let at = start;
      let from = 0;
      let place = 0;
      ${steps.join("")}
      if (at + ${tail.length} > size || ${tailTest}) return -1;
      return at + ${tail.length};
    };`;
  const make = new Function("match", "recents", "endOfText", "endOfRepeated", body);
  return { read: make(match, recents, endOfText, endOfRepeated), match };
}

/**
 * Eight bytes at a time, as numbers; the last eight overlap those before them. Two numbers are
 * equal where the bytes are: what would be no number is equal to nothing, and there is no zero, as
 * no byte is.
 */
function pieceStep(piece: Uint8Array): string {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const last = piece.length - WORD;
  const words: string[] = [];
  for (let at = 0; at < last + WORD; at += WORD) {
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
        ${value} = (${value} * 10 + digit) | 0; // whole numbers of 32 bits are faster
        at++;
      }
      if (at === from + 9) {
        for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9; digit = bytes[at] - 48) {
          ${value} = ${value} * 10 + digit;
          at++;
        }
      }
      ${role === DIGITS_OR_DASH ? "if (at === from && bytes[at] === 45) at++; else" : ""} if (at === from || at - from > 15 || (at > from + 1 && bytes[from] === 48)) return -1;
      ${range === undefined ? "" : `if (bytes[from] !== 45 && (${value} < ${range[0]} || ${value} > ${range[1]})) return -1;`}
      ${role >= NUMBER ? `numbers[${role - NUMBER}] = ${value};` : ""}`;
}

function textStep(text: number): string {
  return `if (view.getInt16(at, true) === ${DASH_AND_QUOTE}) {
        texts[${2 * text}] = -1;
        at++;
      } else {
        texts[${2 * text}] = at;
        place = recents[${text}].find(view, at, size);
        places[${text}] = place;
        if (place >= 0) at += recents[${text}].length;
        else {
          at = endOfText(bytes, view, at, size);
          if (at < 0) return -1;
        }
        texts[${2 * text + 1}] = at;
      }`;
}

/** Where the quote is that ends a text without a role: mostly, it is the text of the line before. */
function endOfRepeated(
  last: Int32Array,
  index: number,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  size: number,
): number {
  const known = last[2 * index] as number;
  const length = last[2 * index + 1] as number;
  if (length > 0 && start + length <= size && isSame(view, known, start, length)) return start + length - 1;
  const end = endOfText(bytes, view, start, size);
  last[2 * index] = start;
  last[2 * index + 1] = end - start + 1;
  return end;
}

/** At least as many bytes as `length`, eight at a time: what follows a short text is the same in each line. */
function isSame(view: DataView, a: number, b: number, length: number): boolean {
  const last = length > WORD ? length - WORD : 0;
  for (let at = 0; at < last; at += WORD) {
    if (view.getFloat64(a + at, true) !== view.getFloat64(b + at, true)) return false;
  }
  return view.getFloat64(a + last, true) === view.getFloat64(b + last, true);
}

/**
 * Where the quote is that ends a text; -1 where an escape or a control character, which JSON does
 * not allow, comes before it.
 */
function endOfText(bytes: Uint8Array, view: DataView, start: number, size: number): number {
  let at = start;
  for (; ; at += 4) {
    if (at > size) return -1;
    const four = view.getInt32(at, true);
    const quotes = four ^ 0x22222222;
    const slashes = four ^ 0x5c5c5c5c;
    // Whether one of four bytes is below 0x20, a quote or a backslash:
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
