import { type ParsedLine, parseAccessLogEntry, unparsedLine } from "../entry";
import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "../fields";
import { parseLoggedTime } from "./logged-time";
import { type LoggedFields, textFields } from "./text-formats";

/** Maps our field names to those of another format. `a.b` is the key `b` of the object `a`. */
export type FieldNames = Partial<Record<AccessLogFieldName, string>>;

/**
 * Alternative names that are always accepted. `ip` is used by AWS's documentation, SST, the CDK and
 * the Serverless Framework. `resourcePath` is used for REST APIs, which have no route keys.
 */
export const ALIASES: FieldNames = { sourceIp: "ip", routeKey: "resourcePath" };

const MAX_DEPTH = 32;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

const FIELD_NAMES = Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[];

/**
 * CloudWatch Logs prefixes each line that it exports to S3 with the time of the log event:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
 */
const EXPORT_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z(?= )/;

/** The fields of a line, and its log event's time if known. */
interface Logged {
  fields: LoggedFields;
  /** Epoch milliseconds. */
  loggedAt?: number | undefined;
}

/**
 * Parses a line of an access log. Accepts our format, SST's default format (strings, most of them
 * quoted twice), the JSON, CLF, XML and CSV examples of API Gateway's documentation, and JSON with
 * other field names. Each may be a log event of `pnpm offline` or an export of CloudWatch Logs.
 *
 * Requires only a status and a time: `requestTimeEpoch`, else `requestTime`, else the log event's
 * time. A missing request id becomes "", a missing response length becomes 0. Never throws.
 */
export function readAccessLogLine(line: string, names: FieldNames): ParsedLine {
  const [exportTime] = EXPORT_TIME.exec(line) ?? [];
  const text = exportTime === undefined ? line : line.slice(exportTime.length + 1);
  const logged = parseText(text);
  if (typeof logged === "string") return unparsedLine(line, logged);
  const loggedAt = logged.loggedAt ?? (exportTime && parseLoggedTime(exportTime));
  return parseAccessLogEntry(normalise(logged.fields, names, loggedAt), line);
}

/** Returns the fields of a line, or why it is unparseable. */
function parseText(text: string): Logged | string {
  if (!/^\s*\{/.test(text)) {
    const fields = textFields(text);
    return fields === undefined ? "not JSON, CLF, XML or CSV" : { fields };
  }
  const object = parseObject(text);
  if (object === undefined) return isDeep(text) ? `JSON of more than ${MAX_DEPTH} levels` : "not JSON";
  if (!isLogEvent(object)) return { fields: object };
  const { message, timestamp } = object;
  const fields = typeof message === "string" && !message.startsWith("{") ? textFields(message) : unwrap(object);
  return { fields: fields ?? object, loggedAt: timestamp };
}

/** Returns the message of a log event if it is an object or JSON of one, else the argument. */
export function unwrap(object: LoggedFields): LoggedFields {
  if (!isLogEvent(object)) return object;
  const { message } = object;
  return (typeof message === "string" ? parseObject(message) : objectIn(message)) ?? object;
}

function isLogEvent(object: LoggedFields): object is LoggedFields & { timestamp: number } {
  return typeof object.timestamp === "number" && !Object.hasOwn(object, "status");
}

function normalise(fields: LoggedFields, names: FieldNames, loggedAt: unknown): LoggedFields {
  const entry: LoggedFields = {};
  for (const name of FIELD_NAMES) {
    const value = valueIn(fields, names[name] ?? name) ?? valueIn(fields, ALIASES[name]);
    if (value !== undefined) entry[name] = value;
  }
  const time = [entry.requestTimeEpoch, entry.requestTime, loggedAt].find((value) => !isAbsent(value));
  entry.requestTimeEpoch = typeof time === "string" ? (parseLoggedTime(time) ?? time) : time;
  entry.requestId ??= "";
  if (isAbsent(entry.responseLength)) entry.responseLength = 0;
  return entry;
}

function valueIn(fields: LoggedFields, name: string | undefined): unknown {
  if (name === undefined) return undefined;
  const value = Object.hasOwn(fields, name) ? fields[name] : nestedValueIn(fields, name);
  return typeof value === "string" && value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value;
}

function nestedValueIn(fields: LoggedFields, name: string): unknown {
  if (!name.includes(".")) return undefined;
  return name.split(".").reduce<unknown>((value, key) => {
    const object = objectIn(value);
    return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
  }, fields);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "-";
}

/**
 * Returns false for most lines that are truncated or not JSON, because an exception of `JSON.parse`
 * takes ten times as long as parsing a valid line.
 */
function mayBeObject(text: string): boolean {
  return /^\s*\{\s*["}]/.test(text) && text.trimEnd().endsWith("}");
}

/** True if JSON is nested so deeply that parsing it takes a hundred times as long as usual. */
function isDeep(json: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted) at += code === BACKSLASH ? 1 : 0;
    else if (code === OPENING_BRACKET || code === OPENING_BRACE) depth++;
    else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Returns undefined if the text is not a JSON object, or is nested too deeply. */
function parseObject(text: string): LoggedFields | undefined {
  if (!mayBeObject(text) || isDeep(text)) return undefined;
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function objectIn(value: unknown): LoggedFields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as LoggedFields) : undefined;
}
