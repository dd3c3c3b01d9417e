import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "../fields";
import { ALIASES, type FieldNames, readAccessLogLine, unwrapped } from "./read-line";
import { PROBED, type Recent } from "./recent";

/** Numbers that the figures are made of, in the order in which `Match` has them. */
export const NUMBERS = ["requestTimeEpoch", "status", "responseLatency", "responseLength"] as const;
/** Texts that they are made of. */
export const TEXTS = [
  "routeKey",
  "user",
  "client",
  "sourceIp",
  "userAgent",
  "authorizerError",
  "errorMessage",
] as const;

/** What stands at a place of a line, and what may. */
const ANY_TEXT = 0;
const DIGITS = 1;
const DIGITS_OR_DASH = 2;
const TEXT_BUT_DASH = 3;
const NUMBER = 4; // and the three after it
const TEXT = 8; // and the six after it

/**
 * Reads a line of one format into a `match`: it has to have the bytes of that format between its values, and between each two a value of the
 * right kind. Then it is known to be JSON and to be an entry.
 *
 * @returns where the next line begins; -1 where the line does not fit or does not end here, which says nothing about it but that it has to
 *   be read in another way
 */
export type FrameReader = (bytes: Uint8Array, view: DataView, start: number) => number;

/** What a line says. */
export interface Match {
  numbers: Float64Array;
  /** Where each text begins and ends in the line's bytes; -1 where there is none. */
  texts: Int32Array;
  /** Places of the texts that were known; -1 of the others. */
  places: Int32Array;
  /** Whether a quote follows each text, and none is in it. */
  isClean: boolean;
}

export function newMatch(isClean: boolean): Match {
  const numbers = new Float64Array(NUMBERS.length);
  return {
    numbers,
    texts: new Int32Array(2 * TEXTS.length).fill(-1),
    places: new Int32Array(TEXTS.length).fill(-1),
    isClean,
  };
}

/** Bytes of a word. */
const WORD = 8;
const LINE_BREAK = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
/** A dash and the quote behind it. */
const DASH_QUOTE = 0x222d;
const BACKSLASH = 0x5c;

/**
 * The reader of a format, as a function made for it. It is twice as fast as one that looks up at each value of each line what is expected
 * there. Nothing of the log is in its text but lengths, and bytes as numbers.
 */
function compile(
  pieces: Uint8Array[],
  roles: number[],
  tail: Uint8Array,
  match: Match,
  recents: readonly Recent[],
): FrameReader {
  const steps = roles.map((role, index) => `${pieceStep(pieces[index] as Uint8Array)}\n${valueStep(role, index)}`);
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
      if (at + ${tail.length} > size || ${[...tail].map((byte, index) => `bytes[at + ${index}] !== ${byte}`).join(" || ")}) return -1;
      return at + ${tail.length};
    };`;
  return new Function("match", "recents", "endOfText", "endOfRepeated", body)(match, recents, endOfText, endOfRepeated);
}

/**
 * Eight bytes at a time, as numbers; the last eight overlap those before them. Two numbers are equal where the bytes are: what would be no
 * number is equal to nothing, and there is no zero, as no byte is.
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

function valueStep(role: number, index: number): string {
  if (role >= TEXT) return textStep(role - TEXT);
  if (role === ANY_TEXT)
    return `at = endOfRepeated(last, ${index}, bytes, view, at, size);
      if (at < 0) return -1;`;
  if (role === TEXT_BUT_DASH)
    return `if (view.getInt16(at, true) === ${DASH_QUOTE}) return -1;
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
      ${role >= NUMBER ? `numbers[${role - NUMBER}] = ${value};` : ""}`;
}

function textStep(text: number): string {
  return `if (view.getInt16(at, true) === ${DASH_QUOTE}) {
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

/** Where the quote is that ends a text; -1 where an escape or a control character, which JSON does not allow, comes before it. */
function endOfText(bytes: Uint8Array, view: DataView, start: number, size: number): number {
  let at = start;
  for (; ; at += 4) {
    if (at > size) return -1;
    const four = view.getInt32(at, true);
    const quotes = four ^ 0x22222222;
    const slashes = four ^ 0x5c5c5c5c;
    // Whether one of four bytes is below 0x20, a quote or a backslash: https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
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

interface Slot {
  start: number;
  end: number;
  isQuoted: boolean;
  /** Keys that lead to it, joined by NUL, which no key of such a line holds. */
  path: string;
}

/** The reader of lines like this one; `undefined` where it has no values that could be told apart, or is no entry. */
export function frameOf(
  line: Uint8Array,
  names: FieldNames,
  match: Match,
  recents: readonly Recent[],
): FrameReader | undefined {
  if (line.some((byte) => byte < SPACE || byte === BACKSLASH)) return undefined;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(line);
  if (!readAccessLogLine(text, names).ok) return undefined;
  const object = JSON.parse(text) as Record<string, unknown>;
  const slots = slotsIn(line);
  if (slots === undefined) return undefined;
  const prefix = unwrapped(object) === object ? "" : "message\0";
  const roles = rolesOf(slots, prefix, names);
  if (roles === undefined) return undefined;
  const pieces = slots.map(({ start }, index) => line.subarray(slots[index - 1]?.end ?? 0, start));
  if (pieces.some(({ length }) => length < WORD)) return undefined;
  const tail = new Uint8Array([...line.subarray(slots.at(-1)?.end), LINE_BREAK]);
  return compile(pieces, [...roles], tail, match, recents);
}

function rolesOf(slots: Slot[], prefix: string, names: FieldNames): Uint8Array | undefined {
  const paths = new Map(slots.map(({ path }, index) => [path, index]));
  if (paths.size !== slots.length) return undefined; // the last one of a name counts: too rare to be fast
  const roles = Uint8Array.from(slots, ({ isQuoted }) => (isQuoted ? ANY_TEXT : DIGITS));
  const taken = new Set<number>();
  for (const name of Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[]) {
    const index = paths.get(prefix + (names[name] ?? name)) ?? paths.get(prefix + (ALIASES[name] ?? name));
    if (index === undefined) {
      if (name === "requestTimeEpoch") return undefined;
      continue;
    }
    const role = roleOf(name);
    const isText = role >= TEXT || role === ANY_TEXT || role === TEXT_BUT_DASH;
    if (taken.has(index) || (isText && slots[index]?.isQuoted === false)) return undefined;
    taken.add(index);
    roles[index] = role;
  }
  return roles;
}

function roleOf(name: AccessLogFieldName): number {
  const number = (NUMBERS as readonly string[]).indexOf(name);
  if (number >= 0) return NUMBER + number;
  const text = (TEXTS as readonly string[]).indexOf(name);
  if (text >= 0) return TEXT + text;
  if (ACCESS_LOG_FIELDS[name].kind === "numeric") return DIGITS_OR_DASH;
  return name === "requestId" ? TEXT_BUT_DASH : ANY_TEXT;
}

/** Texts and digits among the values of a line that is known to be JSON without escapes; `undefined` where it holds a list. */
function slotsIn(line: Uint8Array): Slot[] | undefined {
  const text = String.fromCharCode(...line); // a character for each byte: only the ASCII ones matter
  const slots: Slot[] = [];
  const keys: string[] = [];
  let key: string | undefined;
  for (const { 0: token, index } of text.matchAll(/"[^"]*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "[" || token === '"__proto__"') return undefined;
    if (token === "{") {
      keys.push(key ?? "");
      key = undefined;
    } else if (token === "}") {
      keys.pop();
    } else if (token === ",") key = undefined;
    else if (token === ":") continue;
    else if (key === undefined) key = token.slice(1, -1);
    else {
      const isQuoted = token.startsWith('"');
      const path = [...keys.slice(1), key].join("\0");
      const [start, end] = isQuoted ? [index + 1, index + token.length - 1] : [index, index + token.length];
      if (isQuoted || /^\d+$/.test(token)) slots.push({ start, end, isQuoted, path });
    }
  }
  return slots;
}
