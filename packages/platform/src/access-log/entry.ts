import * as z from "zod/mini";

import { ACCESS_LOG_FIELDS, type AccessLogField, type AccessLogFieldName } from "./fields";

type Fields = typeof ACCESS_LOG_FIELDS;
type RequiredName = {
  [Name in AccessLogFieldName]: Fields[Name] extends { kind: "number"; isOptional?: never } ? Name : never;
}[AccessLogFieldName];
type OptionalName = Exclude<AccessLogFieldName, RequiredName | "requestId">;

/** One request in the access log. A field that API Gateway wrote as `-` is absent. */
export type AccessLogEntry = { requestId: string } & { [Name in RequiredName]: number } & {
  [Name in OptionalName]?: Fields[Name]["kind"] extends "text" ? string : number;
};

export type ParsedLine = { ok: true; entry: AccessLogEntry } | { ok: false; reason: string; sample: string };

/** An unreadable line is quoted up to this many characters. */
const MAX_SAMPLE_CHARACTERS = 200;

const FIELDS: [name: string, field: AccessLogField][] = Object.entries(ACCESS_LOG_FIELDS);

/** Schema of an entry, as the API answers it. */
export const accessLogEntry = z.object(
  Object.fromEntries(
    FIELDS.map(([name, { kind, isOptional = false }]) => {
      const type = kind === "text" ? z.string() : z.number();
      return [name, isRequired(name, kind, isOptional) ? type : z.optional(type)];
    }),
  ),
);

/**
 * Parses a line of the access log. `-` and absence are the same, numbers may be quoted, unknown fields are left out.
 * Never throws: an unreadable line comes back with the reason and its beginning.
 */
export function parseAccessLogLine(line: string): ParsedLine {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return unparsedLine(line, "not JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return unparsedLine(line, "not a JSON object");
  return parseAccessLogEntry(json as Record<string, unknown>, line);
}

/** Does what `parseAccessLogLine` does, for the object that a line holds. */
export function parseAccessLogEntry(json: Record<string, unknown>, line: string): ParsedLine {
  const fields = normalise(json);
  const wrong = FIELDS.find(([name]) => !hasRightType(name, fields[name]));
  if (wrong !== undefined) return unparsedLine(line, `field "${wrong[0]}" is missing or of the wrong type`);
  const entry = fields as AccessLogEntry;
  const reason = impossibleValueIn(entry);
  return reason === undefined ? { ok: true, entry } : unparsedLine(line, reason);
}

export function unparsedLine(line: string, reason: string): ParsedLine {
  return { ok: false, reason, sample: line.slice(0, MAX_SAMPLE_CHARACTERS) };
}

/** As `accessLogEntry` says. That takes 20 times as long for a line that is wrong, of which a log may have millions. */
function hasRightType(name: string, value: unknown): boolean {
  const { kind, isOptional = false } = ACCESS_LOG_FIELDS[name as AccessLogFieldName] as AccessLogField;
  if (value === undefined) return !isRequired(name, kind, isOptional);
  return kind === "text" ? typeof value === "string" : Number.isFinite(value);
}

function isRequired(name: string, kind: AccessLogField["kind"], isOptional: boolean): boolean {
  return name === "requestId" || (kind === "number" && !isOptional);
}

function normalise(json: Record<string, unknown>): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  for (const [name, { kind }] of FIELDS) {
    const value = json[name];
    if (value === undefined || value === null || value === "-") continue;
    entry[name] = kind !== "text" && typeof value === "string" ? toNumber(value) : value;
  }
  return entry;
}

/** Returns the number in a text, or the text itself, which the schema then refuses. */
function toNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Names the first field whose value no request can have: a latency below zero, a date that no calendar has. */
function impossibleValueIn(entry: AccessLogEntry): string | undefined {
  const values = entry as Partial<Record<string, string | number>>;
  for (const [name, { range }] of FIELDS) {
    const value = values[name];
    if (range === undefined || typeof value !== "number") continue;
    const [smallest, largest] = range;
    if (value < smallest || value > largest) {
      return `field "${name}" is ${value}: expected ${smallest} to ${largest}`;
    }
  }
  return Number.isInteger(entry.status) ? undefined : `field "status" is ${entry.status}: expected a whole number`;
}
