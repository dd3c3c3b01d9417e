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
 * What is the same in line after line of one format: the bytes between its values. A line that has them at the right places, and a value of the
 * right kind between each two, is known to be JSON and to be an entry.
 */
export interface Frame {
  /**
   * Eight bytes at a time of all pieces, as numbers, and where each eight are in their piece; the last eight of a piece overlap those before
   * them. Two numbers are equal where the bytes are: what would be no number holds bytes that no piece has.
   */
  words: Float64Array;
  offsets: Int32Array;
  /** By piece: where its words end, and how many bytes it has. A value follows each piece but the last. */
  wordEnds: Int32Array;
  lengths: Int32Array;
  /** What is behind the last value, line break included. */
  tail: Uint8Array;
  roles: Uint8Array;
  /** What the line that was read last says. */
  match: Match;
  /** Of each text without a role that was read last in these bytes: where it begins and its length, with its quote. */
  last: Int32Array;
  lastView: DataView;
}

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
/** More would not be exact. */
const MOST_DIGITS = 15;
const INT32_DIGITS = 9;
const DASH = 0x2d;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

const NO_BYTES = new DataView(new ArrayBuffer(0));

/**
 * Reads a line of this frame, into its `match`.
 *
 * @returns where the next line begins; -1 where the line does not fit or does not end here, which says nothing about it but that it has to
 *   be read in another way
 */
export function readFrame(
  frame: Frame,
  recents: readonly Recent[],
  bytes: Uint8Array,
  view: DataView,
  start: number,
): number {
  const { words, offsets, wordEnds, lengths, tail, roles, last } = frame;
  const { numbers, texts, places } = frame.match;
  const values = roles.length;
  const size = bytes.length - PROBED;
  if (frame.lastView !== view) {
    frame.lastView = view;
    last.fill(0);
  }
  let at = start;
  let word = 0;
  for (let index = 0; index < values; index++) {
    const length = lengths[index] as number;
    if (at + length > size) return -1;
    const wordEnd = wordEnds[index] as number;
    for (; word < wordEnd; word++) {
      if (view.getFloat64(at + (offsets[word] as number), true) !== words[word]) return -1;
    }
    at += length;
    const role = roles[index] as number;
    if (role >= TEXT) {
      const text = role - TEXT;
      const from = at;
      if (view.getInt16(at, true) === DASH_QUOTE) {
        texts[2 * text] = -1;
        at++;
        continue;
      }
      const recent = recents[text] as Recent;
      const place = recent.find(view, at, size);
      places[text] = place;
      if (place >= 0) at += recent.length;
      else {
        at = endOfText(bytes, view, at, size);
        if (at < 0) return -1;
      }
      texts[2 * text] = from;
      texts[2 * text + 1] = at;
    } else if (role === ANY_TEXT) {
      at = endOfRepeated(last, index, bytes, view, at, size);
      if (at < 0) return -1;
    } else if (role === TEXT_BUT_DASH) {
      if (view.getInt16(at, true) === DASH_QUOTE) return -1;
      at = endOfText(bytes, view, at, size);
      if (at < 0) return -1;
    } else {
      const from = at;
      let value = 0;
      let digit = (bytes[at] as number) - ZERO;
      for (const stop = at + INT32_DIGITS; digit >= 0 && digit <= 9 && at < stop; at++) {
        value = (value * 10 + digit) | 0; // whole numbers of 32 bits: faster
        digit = (bytes[at + 1] as number) - ZERO;
      }
      for (; digit >= 0 && digit <= 9; at++) {
        value = value * 10 + digit;
        digit = (bytes[at + 1] as number) - ZERO;
      }
      const digits = at - from;
      if (digits === 0 && role === DIGITS_OR_DASH && bytes[at] === DASH) at++;
      else if (digits < 1 || digits > MOST_DIGITS || (digits > 1 && bytes[from] === ZERO)) return -1;
      if (role >= NUMBER) numbers[role - NUMBER] = value;
    }
  }
  if (at + tail.length > size) return -1;
  for (let byte = 0; byte < tail.length; byte++) if (bytes[at + byte] !== tail[byte]) return -1;
  return at + tail.length;
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

/** The frame of a line; `undefined` where it has none that could be told apart, or is no entry. */
export function frameOf(line: Uint8Array, names: FieldNames): Frame | undefined {
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
  return {
    ...wordsOf(pieces),
    tail,
    roles,
    match: newMatch(true),
    last: new Int32Array(2 * slots.length),
    lastView: NO_BYTES,
  };
}

function wordsOf(pieces: Uint8Array[]): Pick<Frame, "words" | "offsets" | "wordEnds" | "lengths"> {
  const words: number[] = [];
  const offsets: number[] = [];
  const wordEnds = pieces.map((piece) => {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    const last = piece.length - WORD;
    for (let at = 0; at < last + WORD; at += WORD) {
      const offset = Math.min(at, last);
      offsets.push(offset);
      words.push(view.getFloat64(offset, true));
    }
    return words.length;
  });
  return {
    words: Float64Array.from(words),
    offsets: Int32Array.from(offsets),
    wordEnds: Int32Array.from(wordEnds),
    lengths: Int32Array.from(pieces, ({ length }) => length),
  };
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
