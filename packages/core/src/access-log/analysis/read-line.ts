import { type ParsedLine, parseAccessLogEntry, unparsedLine } from "../entry";
import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "../fields";

/** Our field's name to the name that another format has for it. */
export type FieldNames = Partial<Record<AccessLogFieldName, string>>;

/** What SST 4.17's own format calls what we call differently. */
export const ALIASES: FieldNames = { sourceIp: "ip" };

const NAMES = Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[];

/**
 * Reads a line of any access log that is one JSON object a line: ours, that of SST's default (every value a text, most of them with
 * quotes of their own), one with other names, and log events of `pnpm offline`, with such a line as their message. What another
 * format lacks is nothing: no id, no bytes, and the time of `requestTime`. Never throws.
 */
export function readAccessLogLine(line: string, names: FieldNames): ParsedLine {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return unparsedLine(line, "not JSON");
  }
  const object = objectIn(json);
  if (object === undefined) return unparsedLine(line, "not a JSON object");
  return parseAccessLogEntry(normal(unwrapped(object), names), line);
}

/** The message of a log event, where that is an object or the text of one. */
export function unwrapped(object: Record<string, unknown>): Record<string, unknown> {
  const { timestamp, message } = object;
  if (typeof timestamp !== "number" || Object.hasOwn(object, "status")) return object;
  if (typeof message !== "string") return objectIn(message) ?? object;
  try {
    return objectIn(JSON.parse(message)) ?? object;
  } catch {
    return object;
  }
}

function normal(object: Record<string, unknown>, names: FieldNames): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  for (const name of NAMES) {
    const value = valueIn(object, names[name] ?? name) ?? valueIn(object, ALIASES[name]);
    if (value !== undefined) entry[name] = value;
  }
  const { requestTimeEpoch: epoch, requestTime } = entry;
  if (epoch === undefined && typeof requestTime === "string") entry.requestTimeEpoch = epochOf(requestTime);
  else if (typeof epoch === "string") entry.requestTimeEpoch = epochOf(epoch);
  entry.requestId ??= "";
  entry.responseLength ??= 0;
  return entry;
}

function valueIn(object: Record<string, unknown>, name: string | undefined): unknown {
  if (name === undefined || !Object.hasOwn(object, name)) return undefined;
  const value = object[name];
  return typeof value === "string" && value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value;
}

/** Epoch milliseconds of ISO 8601 or of `23/Nov/2026:09:30:00 +0000`; anything else as it was. */
function epochOf(text: string): number | string {
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  const common = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})$/.exec(text);
  const [, day, month, year, time, offset] = common ?? [];
  const epoch = Date.parse(common === null ? text : `${day} ${month} ${year} ${time} ${offset}`);
  return Number.isNaN(epoch) ? text : epoch;
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
