import * as z from "zod/mini";

import { AppError } from "../error";
import { invalidInput, parse } from "../input";
import { decodeCursor, encodeCursor } from "./cursor";
import { type AuditEvent, type ListedAuditEvent, Outcome } from "./event";
import { dayOf, highestId, isId, lowestId, timeOf } from "./id";
import type { AuditStore, IdRange, Partition } from "./store";

const DAY = 86_400_000;
const MOST_DAYS = 31;
const DEFAULT_DAYS = 7;

/** Milliseconds that the clock of another function may be ahead of this one's: its events are recorded already. */
const SKEW = 5 * 60_000;

/** Pages of the store that one request reads at most: as many as there are days in the longest range, and some. */
const MOST_READS = 40;

/** Events that are asked of the store at a time where a filter throws some of them away. */
const FILTERED_PAGE = 500;

/** `type:id`. */
const Reference = z.string().check(z.maxLength(241), z.regex(/^[a-z][a-z0-9_-]*:.+$/s, { error: "must be type:id" }));
const ActionFilter = z.string().check(
  z.maxLength(100),
  z.regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*(\.\*)?$/, {
    error: "must be an action, or the beginning of one and .*",
  }),
);

export const AuditQuery = z.strictObject({
  from: z.optional(z.iso.datetime({ offset: true })),
  to: z.optional(z.iso.datetime({ offset: true })),
  actor: z.optional(Reference),
  action: z.optional(ActionFilter),
  target: z.optional(Reference),
  outcome: z.optional(Outcome),
  requestId: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  limit: z.optional(
    z.string().check(z.regex(/^([1-9]\d?|1\d\d|200)$/, { error: "must be a whole number from 1 to 200" })),
  ),
  cursor: z.optional(z.string().check(z.maxLength(100))),
});
type AuditQuery = z.output<typeof AuditQuery>;

export interface AuditPage {
  items: ListedAuditEvent[];
  /** Where to go on. There is nothing more where it is absent; there may be nothing more where it is not. */
  cursor?: string;
}

/**
 * A tenant's events, newest first. It reads a bounded part of the trail; where that was not all, the page has a cursor, even if
 * nothing was found in it.
 *
 * @param input query parameters
 * @param now epoch milliseconds
 * @throws AppError of kind `input` that points at the parameter
 */
export async function query(tenant: string, input: unknown, store: AuditStore, now: number): Promise<AuditPage> {
  const given = parse(AuditQuery, input);
  const limit = Number(given.limit ?? 50);
  const range = rangeOf(given, now);
  const found: ListedAuditEvent[] = [];
  let reads = 0;
  for (const { partition, lowest, highest } of partitions(tenant, given, range)) {
    let rest: string | undefined = highest;
    while (rest !== undefined) {
      if (reads++ === MOST_READS) return { items: found, cursor: encodeCursor(rest, timeOf(range.lowest)) };
      const { events, readTo } = await store.page(partition, { lowest, highest: rest }, pageSize(given, limit));
      found.push(...events.filter((event) => matches(event, given)));
      if (found.length > limit) {
        const items = found.slice(0, limit);
        return { items, cursor: encodeCursor(before(items.at(-1)?.id ?? ""), timeOf(range.lowest)) };
      }
      rest = readTo === undefined ? undefined : before(readTo);
    }
  }
  return { items: found };
}

/** Throws an `AppError` of kind `not-found`, also for another tenant's event. */
export async function find(tenant: string, id: string, store: AuditStore): Promise<AuditEvent> {
  const event = isId(id) ? await store.get(tenant, id) : undefined;
  if (event === undefined) throw new AppError("not-found", "audit.not-found", "There is no event with this id.");
  return event;
}

function rangeOf({ from, to, requestId, cursor }: AuditQuery, now: number): IdRange {
  const position = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && position === undefined) {
    throw invalidInput([{ pointer: "/cursor", detail: "must be one that a page of events had" }]);
  }
  const upper = to === undefined ? now + SKEW : Date.parse(to);
  const lower = from === undefined ? (position?.from ?? defaultFrom(upper, to, now)) : Date.parse(from);
  if (lower < 0) throw invalidInput([{ pointer: "/from", detail: "must not be before 1970" }]);
  if (lower > upper) throw invalidInput([{ pointer: "/from", detail: "must not be after to" }]);
  if (upper - lower > MOST_DAYS * DAY + SKEW) {
    throw invalidInput([{ pointer: "/from", detail: `must be at most ${MOST_DAYS} days before to` }]);
  }
  if (requestId !== undefined && (from === undefined || to === undefined || upper - lower > DAY / 24)) {
    throw invalidInput([{ pointer: "/requestId", detail: "must come with from and to, at most an hour apart" }]);
  }
  const highest = highestId(upper);
  return { lowest: lowestId(lower), highest: position && position.id < highest ? position.id : highest };
}

function defaultFrom(upper: number, to: string | undefined, now: number): number {
  return Math.max(0, (to === undefined ? now : upper) - DEFAULT_DAYS * DAY);
}

/** The partitions that hold the range, newest first, each with its part of it. */
function* partitions(
  tenant: string,
  { actor, action }: AuditQuery,
  { lowest, highest }: IdRange,
): Generator<IdRange & { partition: Partition }> {
  if (actor !== undefined) return yield { partition: { tenant, actor }, lowest, highest };
  if (action !== undefined && !action.endsWith("*")) return yield { partition: { tenant, action }, lowest, highest };
  const first = Math.floor(timeOf(lowest) / DAY);
  for (let day = Math.floor(timeOf(highest) / DAY); day >= first; day--) {
    const [begin, end] = [lowestId(day * DAY), highestId((day + 1) * DAY - 1)];
    yield {
      partition: { tenant, day: dayOf(begin) },
      lowest: begin > lowest ? begin : lowest,
      highest: end < highest ? end : highest,
    };
  }
}

function pageSize({ actor, action, target, outcome, requestId }: AuditQuery, limit: number): number {
  const byPrefix = action?.endsWith("*") === true || (actor !== undefined && action !== undefined);
  const isFiltered = byPrefix || target !== undefined || outcome !== undefined || requestId !== undefined;
  return isFiltered ? FILTERED_PAGE : limit + 1;
}

function matches(event: ListedAuditEvent, { action, target, outcome, requestId }: AuditQuery): boolean {
  return (
    (action === undefined || isAction(event.action, action)) &&
    (target === undefined || event.targets.some(({ type, id }) => `${type}:${id}` === target)) &&
    (outcome === undefined || event.outcome === outcome) &&
    (requestId === undefined || event.requestId === requestId)
  );
}

function isAction(action: string, wanted: string): boolean {
  return wanted.endsWith("*") ? action.startsWith(wanted.slice(0, -1)) : action === wanted;
}

/** The id right before another one. */
function before(id: string): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const zeros = /0*$/.exec(id)?.[0].length ?? 0;
  const at = id.length - zeros - 1;
  if (at < 0) return id;
  return `${id.slice(0, at)}${digits[digits.indexOf(id.charAt(at)) - 1]}${"Z".repeat(zeros)}`;
}
