import { ACCESS_LOG_FIELDS, type AccessLogField, type AccessLogFieldName } from "../fields";
import { NUMBERS, TEXTS } from "./match";
import { ALIASES, type FieldNames, readAccessLogLine, unwrap } from "./read-line";
import {
  ANY_TEXT,
  compileFrame,
  DIGITS,
  DIGITS_OR_DASH,
  type Frame,
  NUMBER,
  type Role,
  TEXT,
  TEXT_BUT_DASH,
  WORD_BYTES,
} from "./reader";
import type { Recent } from "./recent";

const LINE_BREAK = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const MAX_LINE_BYTES = 64 * 1024;
/** Limits the time to compile a frame. A line of our own format has about 25 slots. */
const MAX_SLOTS = 128;

/** A string or a whole number in a line. */
interface Slot {
  start: number;
  end: number;
  isQuoted: boolean;
  /** Keys of the value and its parent, joined by NUL, which such a line cannot contain. */
  path: string;
}

/**
 * Returns a frame for lines of the same format, or undefined if the line is not JSON, is not an
 * entry or has too many values.
 */
export function frameOf(line: Uint8Array, names: FieldNames, recents: readonly Recent[]): Frame | undefined {
  if (line.length > MAX_LINE_BYTES || line[0] !== OPENING_BRACE) return undefined;
  const inner = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  if (inner.some((byte) => byte < SPACE || byte === BACKSLASH)) return undefined;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(line);
  if (!readAccessLogLine(text, names).ok) return undefined;
  const slots = slotsIn(line);
  if (slots === undefined) return undefined;
  const roles = rolesOf(slots, JSON.parse(text), names);
  if (roles === undefined) return undefined;
  const pieces = slots.map(({ start }, index) => line.subarray(slots[index - 1]?.end ?? 0, start));
  if (pieces.some(({ length }) => length < WORD_BYTES)) return undefined;
  const tail = new Uint8Array([...line.subarray(slots.at(-1)?.end), LINE_BREAK]);
  return compileFrame(pieces, roles, tail, recents);
}

function rolesOf(slots: Slot[], object: Record<string, unknown>, names: FieldNames): Role[] | undefined {
  const entry = unwrap(object);
  const prefix = entry === object ? "" : "message\0";
  const roles: Role[] = slots.map(({ isQuoted }) => ({ role: isQuoted ? ANY_TEXT : DIGITS }));
  const usedSlots = new Set<number>();
  for (const name of Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[]) {
    const key = [names[name] ?? name, ALIASES[name]].find(
      (candidate) => candidate !== undefined && Object.hasOwn(entry, candidate),
    );
    if (key === undefined) {
      if (name === "requestTimeEpoch" || names[name]?.includes(".")) return undefined;
      continue;
    }
    // A field whose value is not a slot would be read as absent.
    const index = slots.findIndex(({ path }) => path === prefix + key);
    const role = roleOf(name);
    const isNumber = role === DIGITS_OR_DASH || (role >= NUMBER && role < TEXT);
    if (index < 0 || usedSlots.has(index) || !(isNumber || slots[index]?.isQuoted)) return undefined;
    usedSlots.add(index);
    roles[index] = { role, range: (ACCESS_LOG_FIELDS[name] as AccessLogField).range };
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

/**
 * Returns the slots of a line of JSON without escapes, or undefined if it has an array, a duplicate
 * key or too many values. Such lines are rare, so they need not be fast.
 */
function slotsIn(line: Uint8Array): Slot[] | undefined {
  const text = new TextDecoder("latin1").decode(line); // one character per byte; only ASCII matters
  const slots: Slot[] = [];
  const parents: string[] = [];
  const paths = new Set<string>();
  let path: string | undefined;
  for (const { 0: token, index } of text.matchAll(/"[^"]*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "[" || token === '"__proto__"') return undefined;
    if (token === "{") {
      parents.push(path ?? "");
      path = undefined;
    } else if (token === "}") parents.pop();
    else if (token === ",") path = undefined;
    else if (token === ":") continue;
    else if (path === undefined) {
      path = [...parents.slice(-1).filter((parent) => parent !== ""), token.slice(1, -1)].join("\0");
      if (paths.has(path)) return undefined;
      paths.add(path);
    } else {
      const isQuoted = token.startsWith('"');
      const [start, end] = isQuoted ? [index + 1, index + token.length - 1] : [index, index + token.length];
      if (isQuoted || /^\d+$/.test(token)) slots.push({ start, end, isQuoted, path });
      if (slots.length > MAX_SLOTS) return undefined;
    }
  }
  return slots;
}
