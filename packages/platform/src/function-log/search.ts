import * as z from "zod/mini";

import { failureOf, type LogLine, type ReadPage } from "../access-log/search-windows";
import { AppError } from "../error";
import { invalidInput } from "../input";
import { instant } from "../instant";
import type { FunctionLogAnswer } from "./answer";

/** Range around a request's arrival that is searched. API Gateway waits for a function for 30 s. */
const LOOKBACK_MS = 60_000;
const LOOKAHEAD_MS = 5 * 60_000;
/** The format of a Lambda request id. */
const INVOCATION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_RECORDS = 200;
const MAX_CALLS = 10;
/** No call starts after this time. */
const SEARCH_BUDGET_MS = 4_000;

/** Log groups of the routes' functions, by route key. */
export type FunctionLogGroups = Readonly<Record<string, string>>;

export interface FunctionLogs {
  groups: FunctionLogGroups;
  /** Returns the reader of a log group. */
  pagesOf(logGroup: string): ReadPage;
}

export const FunctionLogQuery = z.strictObject({
  route: z.string(),
  // The search puts it into the filter pattern, so it must not contain any other characters.
  integrationRequestId: z.string().check(z.regex(INVOCATION_ID, "must be a Lambda request id")),
  at: instant,
});

const BUSY = "CloudWatch Logs is rate limiting. Try again in a second.";

/**
 * Returns the log of one invocation: the records that contain its request id, oldest first. The
 * number of calls is limited; `complete` is false if there may be more records.
 *
 * Throws an `AppError` of kind `input` for an unknown route. Throws one of kind `limit` or
 * `unavailable` if CloudWatch Logs fails before anything was read.
 */
export async function searchFunctionLog(
  { route, integrationRequestId, at }: z.output<typeof FunctionLogQuery>,
  { groups, pagesOf }: FunctionLogs,
  clock: () => number,
): Promise<FunctionLogAnswer> {
  const logGroup = Object.hasOwn(groups, route) ? groups[route] : undefined;
  if (logGroup === undefined) {
    throw invalidInput([{ pointer: "/route", detail: "must be a route key whose function log can be read" }]);
  }
  const { lines, complete } = await readLines(integrationRequestId, at, pagesOf(logGroup), clock);
  const records = lines.slice(0, MAX_RECORDS).map(({ timestamp, message }) => ({
    timestamp: new Date(timestamp).toISOString(),
    message: parseMessage(message),
  }));
  return { logGroup, records, complete: complete && lines.length <= MAX_RECORDS };
}

/**
 * Returns the time range of an invocation's records and the filter pattern that finds them, or
 * undefined if the id is not a Lambda request id.
 *
 * @param at the request's arrival, in epoch milliseconds
 */
export function recordQuery(id: string, at: number): { from: number; to: number; pattern: string } | undefined {
  if (!INVOCATION_ID.test(id)) return undefined;
  return { from: Math.max(0, at - LOOKBACK_MS), to: at + LOOKAHEAD_MS, pattern: `"${id}"` };
}

async function readLines(id: string, at: number, readPage: ReadPage, clock: () => number) {
  const deadline = clock() + SEARCH_BUDGET_MS;
  const range = recordQuery(id, at);
  if (range === undefined) return { lines: [], complete: true };
  const lines: LogLine[] = [];
  let token: string | undefined;
  for (
    let calls = 0;
    calls < MAX_CALLS && lines.length <= MAX_RECORDS && (calls === 0 || clock() < deadline);
    calls++
  ) {
    const page = await readPage({ ...range, ...(token !== undefined && { token }) }).catch(failureOf);
    if (page === "busy" || page instanceof AppError) {
      if (calls > 0) break;
      throw page === "busy" ? new AppError("limit", "function-log.busy", BUSY) : page;
    }
    lines.push(...page.lines);
    token = page.token;
    if (token === undefined) return { lines, complete: true };
  }
  return { lines, complete: false };
}

function parseMessage(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
}
