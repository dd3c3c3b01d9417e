import { type ParsedLine, parseAccessLogEntry, unparsedLine } from "../entry";
import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "../fields";
import { parseLoggedTime } from "./logged-time";

/** Our field's name to the name that another format has for it. */
export type FieldNames = Partial<Record<AccessLogFieldName, string>>;

/**
 * Other names that are read without being asked for: `ip` as in the formats of AWS's documentation, SST, the CDK and
 * the Serverless Framework, `resourcePath` as in formats of REST APIs, which have no route keys.
 */
export const ALIASES: FieldNames = { sourceIp: "ip", routeKey: "resourcePath" };

const NAMES = Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[];

/**
 * Parses a line of any access log with one JSON object a line: our format, SST's default (every value a text, most of
 * them quoted twice), AWS's examples, a format with other names, and log events of `pnpm offline`.
 *
 * Only a status and a time (`requestTimeEpoch` or `requestTime`) must be there. Without a request id it is empty,
 * without a response length it is 0. Never throws.
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

/** Returns the message of a log event, if that is an object or the text of one; anything else as it is. */
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
  const time = isAbsent(entry.requestTimeEpoch) ? entry.requestTime : entry.requestTimeEpoch;
  entry.requestTimeEpoch = typeof time === "string" ? (parseLoggedTime(time) ?? time) : time;
  entry.requestId ??= "";
  if (isAbsent(entry.responseLength)) entry.responseLength = 0;
  return entry;
}

function valueIn(object: Record<string, unknown>, name: string | undefined): unknown {
  if (name === undefined || !Object.hasOwn(object, name)) return undefined;
  const value = object[name];
  return typeof value === "string" && value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "-";
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
