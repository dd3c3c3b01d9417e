import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "@secure-backend/core/access-log/fields";

import { UsageError } from "../usage-error";
import type { Privacy } from "./privacy";

/** Our field's name to the name that another format has for it. */
export type FieldNames = Partial<Record<AccessLogFieldName, string>>;

export interface Rewriting {
  names: FieldNames;
  privacy?: Privacy;
}

/** Of `status=httpStatus,sourceIp=ip`. Throws a UsageError that names the part. */
export function fieldNamesOf(text: string): FieldNames {
  const names: FieldNames = {};
  for (const part of text.split(",")) {
    const [, ours = "", theirs = ""] = /^(\w+)=(.+)$/.exec(part.trim()) ?? [];
    if (!Object.hasOwn(ACCESS_LOG_FIELDS, ours)) {
      const known = Object.keys(ACCESS_LOG_FIELDS).join(", ");
      throw new UsageError(`--fields ${part}: expected FIELD=NAME with FIELD one of ${known}`);
    }
    names[ours as AccessLogFieldName] = theirs;
  }
  return names;
}

/** Lines of the access log, out of lines of another format, or with persons made unrecognisable. */
export async function* rewritten(chunks: AsyncIterable<Uint8Array>, rewriting: Rewriting): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield encoder.encode(lines.map((line) => `${rewrittenLine(line, rewriting)}\n`).join(""));
  }
  rest += decoder.decode();
  if (rest !== "") yield encoder.encode(`${rewrittenLine(rest, rewriting)}\n`);
}

function rewrittenLine(line: string, { names, privacy }: Rewriting): string {
  const json = unwrapped(line);
  if (json === undefined) {
    // A line that is no JSON may hold anything: its beginning would be shown as a sample.
    return privacy === undefined || line.trim() === "" ? line : `(line of ${line.length} characters, withheld)`;
  }
  const entry: Record<string, unknown> = {};
  for (const name of Object.keys(ACCESS_LOG_FIELDS) as AccessLogFieldName[]) {
    const value = json[names[name] ?? name];
    if (value !== undefined) entry[name] = value;
  }
  if (typeof entry.requestTimeEpoch === "string") entry.requestTimeEpoch = epochOf(entry.requestTimeEpoch);
  if (privacy === undefined) return JSON.stringify(entry);
  if (isThere(entry.sourceIp)) entry.sourceIp = privacy.address(String(entry.sourceIp));
  if (isThere(entry.user)) entry.user = privacy.user(String(entry.user));
  return JSON.stringify(entry);
}

/** A line's object. A log event in a file of `pnpm offline` holds it as its message, or as the text of one. */
function unwrapped(line: string): Record<string, unknown> | undefined {
  try {
    const json = objectIn(JSON.parse(line));
    if (json === undefined || json.requestId !== undefined) return json;
    const { message } = json;
    return objectIn(typeof message === "string" ? JSON.parse(message) : message) ?? json;
  } catch {
    return undefined;
  }
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "-";
}

/** Epoch milliseconds of ISO 8601 or of `23/Nov/2026:09:30:00 +0000`; anything else as it was, for the parser to refuse. */
function epochOf(text: string): number | string {
  const common = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})$/.exec(text);
  const [, day, month, year, time, offset] = common ?? [];
  const epoch = Date.parse(common === null ? text : `${day} ${month} ${year} ${time} ${offset}`);
  return /^\d+$/.test(text) || Number.isNaN(epoch) ? text : epoch;
}

/** True where lines are log events as `pnpm offline` keeps them, with the access log's line as their message. */
export function isWrapped(beginning: string): boolean {
  return /^\s*\{"timestamp":\d+,"message":/.test(beginning);
}
