import * as z from "zod/mini";

import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "./fields";

type Fields = typeof ACCESS_LOG_FIELDS;
type Optional<Kind extends "numeric" | "text", Value> = {
  [Name in Exclude<AccessLogFieldName, "requestId"> as Fields[Name]["kind"] extends Kind ? Name : never]?: Value;
};

/** One request in the access log. What API Gateway wrote as `-` is absent. */
export type AccessLogEntry = { requestId: string } & {
  [Name in AccessLogFieldName as Fields[Name]["kind"] extends "number" ? Name : never]: number;
} & Optional<"numeric", number> &
  Optional<"text", string>;

export type ParsedLine = { ok: true; entry: AccessLogEntry } | { ok: false; reason: string; sample: string };

/** How much of a line that cannot be read is kept, in characters. */
const SAMPLE = 200;

/** An entry, as it is answered. */
export const accessLogEntry = z.object(
  Object.fromEntries(
    Object.entries(ACCESS_LOG_FIELDS).map(([name, { kind }]) => {
      const type = kind === "text" ? z.string() : z.number();
      return [name, kind === "number" || name === "requestId" ? type : z.optional(type)];
    }),
  ),
);

/**
 * Reads a line of the access log. `-` and absence are the same; numbers may be quoted; fields that are not on the list are
 * left out. Never throws: a line that cannot be read comes back with the reason and its beginning.
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

/** As `parseAccessLogLine`, of a line's object. */
export function parseAccessLogEntry(json: Record<string, unknown>, line: string): ParsedLine {
  const result = accessLogEntry.safeParse(normal(json));
  if (result.success) return { ok: true, entry: result.data as AccessLogEntry };
  return unparsedLine(line, `field "${result.error.issues[0]?.path.join(".")}" is missing or of the wrong type`);
}

export function unparsedLine(line: string, reason: string): ParsedLine {
  return { ok: false, reason, sample: line.slice(0, SAMPLE) };
}

function normal(json: Record<string, unknown>): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  for (const [name, { kind }] of Object.entries(ACCESS_LOG_FIELDS)) {
    const value = json[name];
    if (value === undefined || value === null || value === "-") continue;
    entry[name] = kind !== "text" && typeof value === "string" ? numberIn(value) : value;
  }
  return entry;
}

/** The number that a text is, or the text itself, for the schema to refuse. */
function numberIn(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
