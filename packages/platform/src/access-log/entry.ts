import * as z from "zod/mini";

import { ACCESS_LOG_FIELDS, type AccessLogField, type AccessLogFieldName } from "./fields";

type Fields = typeof ACCESS_LOG_FIELDS;
type RequiredName = {
  [Name in AccessLogFieldName]: Fields[Name] extends { kind: "number"; isOptional?: never } ? Name : never;
}[AccessLogFieldName];
type OptionalName = Exclude<AccessLogFieldName, RequiredName | "requestId">;

/** One request of the access log. Fields that API Gateway logged as `-` are absent. */
export type AccessLogEntry = { requestId: string } & { [Name in RequiredName]: number } & {
  [Name in OptionalName]?: Fields[Name]["kind"] extends "text" ? string : number;
};

export type ParsedLine = { ok: true; entry: AccessLogEntry } | { ok: false; reason: string; sample: string };

/** Limits the sample that is kept of an unparseable line. */
const MAX_SAMPLE_CHARACTERS = 200;

const FIELDS: [name: string, field: AccessLogField][] = Object.entries(ACCESS_LOG_FIELDS);

/** Schema of an entry in API responses. */
export const accessLogEntry = z.object(
  Object.fromEntries(
    FIELDS.map(([name, { kind, isOptional = false }]) => {
      const type = kind === "text" ? z.string() : z.number();
      return [name, isRequired(name, kind, isOptional) ? type : z.optional(type)];
    }),
  ),
);

/**
 * Parses a line of the access log. Treats `-` as absent, accepts quoted numbers and ignores unknown
 * fields. Never throws: for an unparseable line, it returns the reason and a sample.
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

/** Like `parseAccessLogLine`, but takes the parsed JSON of the line. */
export function parseAccessLogEntry(json: Record<string, unknown>, line: string): ParsedLine {
  const fields = normalise(json);
  const wrong = FIELDS.find(([name]) => !hasRightType(name, fields[name]));
  if (wrong !== undefined) return unparsedLine(line, `field "${wrong[0]}" is missing or of the wrong type`);
  const entry = fields as AccessLogEntry;
  const reason = outOfRangeIn(entry);
  return reason === undefined ? { ok: true, entry } : unparsedLine(line, reason);
}

export function unparsedLine(line: string, reason: string): ParsedLine {
  return { ok: false, reason, sample: line.slice(0, MAX_SAMPLE_CHARACTERS) };
}

/**
 * Checks the same types as `accessLogEntry`. The schema is 20 times slower for an invalid value,
 * and a log may contain millions of them.
 */
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

/** Returns the number in a text, or the text itself, which then fails the type check. */
function toNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Returns a description of the first value that is out of range, such as a negative latency. */
function outOfRangeIn(entry: AccessLogEntry): string | undefined {
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
