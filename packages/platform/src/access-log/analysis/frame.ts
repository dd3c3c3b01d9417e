import { ACCESS_LOG_FIELDS, type AccessLogField, type AccessLogFieldName } from "../fields";
import { NUMBERS, TEXTS } from "./match";
import { ALIASES, type FieldNames, readAccessLogLine, unwrapped } from "./read-line";
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
  WORD,
} from "./reader";
import type { Recent } from "./recent";

const LINE_BREAK = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const MAX_LINE_BYTES = 64 * 1024;
/** Compiling a frame takes time in proportion to its slots. A line of our own format has some 25. */
const MAX_SLOTS = 128;

interface Slot {
  start: number;
  end: number;
  isQuoted: boolean;
  /** Keys that lead to it, joined by NUL, which no key of such a line holds. */
  path: string;
}

/**
 * Returns the frame of lines like this one; undefined for a line that is not JSON, is no entry or
 * has too many values.
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
  if (pieces.some(({ length }) => length < WORD)) return undefined;
  const tail = new Uint8Array([...line.subarray(slots.at(-1)?.end), LINE_BREAK]);
  return compileFrame(pieces, roles, tail, recents);
}

function rolesOf(slots: Slot[], object: Record<string, unknown>, names: FieldNames): Role[] | undefined {
  const entry = unwrapped(object);
  const prefix = entry === object ? "" : "message\0";
  const roles: Role[] = slots.map(({ isQuoted }) => ({ role: isQuoted ? ANY_TEXT : DIGITS }));
  const taken = new Set<number>();
  for (const name of Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[]) {
    const key = [names[name] ?? name, ALIASES[name]].find(
      (known) => known !== undefined && Object.hasOwn(entry, known),
    );
    if (key === undefined) {
      if (name === "requestTimeEpoch" || names[name]?.includes(".")) return undefined;
      continue;
    }
    // What is there but is neither a text nor digits would be taken for absent.
    const index = slots.findIndex(({ path }) => path === prefix + key);
    const role = roleOf(name);
    const isNumber = role === DIGITS_OR_DASH || (role >= NUMBER && role < TEXT);
    if (index < 0 || taken.has(index) || !(isNumber || slots[index]?.isQuoted)) return undefined;
    taken.add(index);
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
 * Texts and digits among the values of a line that is known to be JSON without escapes; `undefined`
 * where it holds a list, a name twice or too many values: too rare to be fast.
 */
function slotsIn(line: Uint8Array): Slot[] | undefined {
  const text = new TextDecoder("latin1").decode(line); // a character for each byte: only the ASCII ones matter
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
