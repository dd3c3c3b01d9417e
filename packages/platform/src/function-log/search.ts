import * as z from "zod/mini";

import { failureOf, type LogLine, type ReadPage } from "../access-log/search-windows";
import { AppError } from "../error";
import { invalidInput } from "../input";
import { instant } from "../instant";
import type { FunctionLogAnswer } from "./answer";

/** Milliseconds before and after a request's arrival in which its invocation logs: an API waits for 30 s at most. */
const BEFORE = 60_000;
const AFTER = 5 * 60_000;
/** A request id as Lambda makes it. */
const INVOCATION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** As many records are shown. */
const MOST = 200;
const CALLS = 10;
/** Milliseconds; no call begins after it. */
const TIME = 4_000;

/** Name of the log group of the function that a route leads to, by route key. */
export type FunctionLogGroups = Readonly<Record<string, string>>;

export interface FunctionLogs {
  groups: FunctionLogGroups;
  /** Reads one of the groups. */
  pagesOf(logGroup: string): ReadPage;
}

export const FunctionLogQuery = z.strictObject({
  route: z.string(),
  // The search puts it between quotation marks: nothing else may come into the filter pattern.
  integrationRequestId: z.string().check(z.regex(INVOCATION_ID, "must be an id that Lambda made")),
  at: instant,
});

const BUSY = "CloudWatch Logs has too many requests. Try again in a second.";

/**
 * Returns what a function logged during one invocation: the records that name its id, oldest first, as far as a bounded
 * number of calls reaches.
 *
 * Throws an `AppError`: of kind `input` for another route, of kind `limit` or `unavailable` if CloudWatch Logs is too
 * busy or cannot be reached.
 */
export async function searchFunctionLog(
  { route, integrationRequestId, at }: z.output<typeof FunctionLogQuery>,
  { groups, pagesOf }: FunctionLogs,
  clock: () => number,
): Promise<FunctionLogAnswer> {
  const logGroup = Object.hasOwn(groups, route) ? groups[route] : undefined;
  if (logGroup === undefined) {
    throw invalidInput([{ pointer: "/route", detail: "must be the key of a route whose function's log can be read" }]);
  }
  const { lines, complete } = await linesWith(integrationRequestId, at, pagesOf(logGroup), clock);
  const records = lines.slice(0, MOST).map(({ timestamp, message }) => ({
    timestamp: new Date(timestamp).toISOString(),
    message: parsed(message),
  }));
  return { logGroup, records, complete: complete && lines.length <= MOST };
}

/**
 * Returns where the records of one invocation are, and the filter pattern that finds them;
 * undefined for an id that Lambda
 * did not make.
 *
 * @param at when the request arrived, in epoch milliseconds
 */
export function recordQuery(id: string, at: number): { from: number; to: number; pattern: string } | undefined {
  if (!INVOCATION_ID.test(id)) return undefined;
  return { from: Math.max(0, at - BEFORE), to: at + AFTER, pattern: `"${id}"` };
}

async function linesWith(id: string, at: number, readPage: ReadPage, clock: () => number) {
  const deadline = clock() + TIME;
  const range = recordQuery(id, at);
  if (range === undefined) return { lines: [], complete: true };
  const lines: LogLine[] = [];
  let token: string | undefined;
  for (let calls = 0; calls < CALLS && lines.length <= MOST && (calls === 0 || clock() < deadline); calls++) {
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

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
}
