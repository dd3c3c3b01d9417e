import * as z from "zod/mini";

import { AppError } from "../error";
import { invalidInput } from "../input";
import { instant } from "../instant";
import { parseAccessLogLine } from "./entry";
import type { AccessLogAnswer } from "./search-answer";
import { filterPattern, insightsQuery, searchFilter } from "./search-filter";
import { FIRST_WINDOW_MS, MAX_WINDOW_MS, type Position, type ReadPage, readBackward } from "./search-windows";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The most that API Gateway's clock may be ahead of ours. Later log events cannot exist. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * A position in the range. A forged cursor gives no more access than `from` and `to` do, so it
 * needs no signature. Ten digits in base 36 hold every time up to the year 9999.
 */
const cursor = z.pipe(
  z.string().check(
    z.refine((text) => /^[0-9a-z]{1,10}\.[0-9a-z]{1,10}\.[0-9a-z]{1,10}$/.test(text), {
      error: "must be the cursor of an answer",
    }),
  ),
  z.transform((text: string) => {
    const [end = 0, size = 0, from = 0] = text.split(".").map((part) => Number.parseInt(part, 36));
    return { end, size: Math.min(Math.max(1, size), MAX_WINDOW_MS), from };
  }),
);

export const AccessLogQuery = z.strictObject({
  from: z.optional(instant),
  to: z.optional(instant),
  cursor: z.optional(cursor),
  ...searchFilter,
});

const BUSY = "CloudWatch Logs is rate limiting. Try again in a second.";

/**
 * Returns entries of the access log from `from` (by default 24 hours before `to`) to before `to`
 * (by default now), newest first. The number of calls is limited; `cursor` continues the search.
 *
 * Throws an `AppError` of kind `input` if the range is empty. Throws one of kind `limit` or
 * `unavailable` if CloudWatch Logs fails before anything was read. If it fails later, returns the
 * entries read so far with a cursor.
 */
export async function searchAccessLog(
  { cursor, ...input }: z.output<typeof AccessLogQuery>,
  readPage: ReadPage,
  now: number,
  clock: () => number,
): Promise<AccessLogAnswer> {
  const to = Math.min(input.to ?? now, now + CLOCK_SKEW_MS);
  const from = Math.max(0, input.from ?? cursor?.from ?? to - DAY_MS);
  if (from >= to)
    throw invalidInput([{ pointer: "/from", detail: `must be before ${input.to === to ? "/to" : "now"}` }]);
  const position: Position = { end: Math.min(cursor?.end ?? to, to), size: cursor?.size ?? FIRST_WINDOW_MS };
  const { lines, end, size, failure } = await readBackward(readPage, from, position, filterPattern(input), clock);
  if (failure !== undefined && end === position.end) {
    throw failure === "busy" ? new AppError("limit", "access-log.busy", BUSY) : failure;
  }
  const parsed = lines.map(({ message }) => parseAccessLogLine(message));
  const items = parsed.flatMap((line) => (line.ok ? [line.entry] : []));
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    items,
    unparseableLines: parsed.length - items.length,
    readFrom: new Date(Math.max(end, from)).toISOString(),
    complete: end <= from,
    ...(end > from && { cursor: [end, size, from].map((part) => part.toString(36)).join(".") }),
    insightsQuery: insightsQuery(input),
  };
}
