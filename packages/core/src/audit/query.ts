import { AppError } from "@backend/platform/error";
import { dayOf, highestId, isId, lowestId, timeOf } from "@backend/platform/id";
import { invalidInput } from "@backend/platform/input";
import * as z from "zod/mini";
import type { AuditPage } from "./answers";
import { decodeCursor, encodeCursor, type Position } from "./cursor";
import { type AuditEvent, byteLength, type ListedAuditEvent, Outcome } from "./event";
import type { AuditStore, IdRange, Partition } from "./store";

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;
const DEFAULT_DAYS = 7;

/** Clocks may differ by this much: the caller's and ours, and those of two functions. */
const SKEW_MS = 5 * 60_000;

/** Pages of the store that one request reads: enough for each day of the longest range. */
const MAX_READS = 40;

/** Events to read at a time if a filter discards some of them. */
const FILTERED_PAGE_SIZE = 500;

/**
 * Bytes of a page as JSON. Lambda's response limit is 6 MB, and each quotation mark in the body
 * takes another byte: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_PAGE_BYTES = 2_500_000;

/** Events that are read from the table concurrently. */
const MAX_CONCURRENT_GETS = 25;

/** `type:id`. */
const Reference = z
  .string()
  .check(z.maxLength(241), z.regex(/^[a-z][a-z0-9_-]*:.+$/s, { error: "must be type:id, for example user:ada" }));
const ActionFilter = z.string().check(
  z.maxLength(100),
  z.regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*(\.\*)?$/, {
    error: "must be an action (invoice.paid) or a prefix (invoice.*)",
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
  fields: z.optional(z.enum(["all"])),
});
export type AuditQuery = z.output<typeof AuditQuery>;

/**
 * Returns a page of a tenant's events, newest first. It reads a bounded part of the trail: a page
 * with a cursor may have no events.
 *
 * @param now epoch milliseconds
 * @throws AppError of kind `input` that points at the parameter
 */
export async function query(tenant: string, given: AuditQuery, store: AuditStore, now: number): Promise<AuditPage> {
  const limit = Number(given.limit ?? 50);
  const range = rangeOf(given, now);
  const items: AuditPage["items"] = [];
  let [reads, bytes] = [0, 0];
  for (const { partition, lowest, highest } of partitions(tenant, given, range)) {
    let rest: string | undefined = highest;
    while (rest !== undefined) {
      if (reads++ === MAX_READS) return { items, cursor: encodeCursor(rest, timeOf(range.lowest)) };
      const { events, readTo } = await store.page(
        partition,
        { lowest, highest: rest },
        pageSize(given, limit),
        given.fields,
      );
      const matching = events.filter((event) => matches(event, given));
      for await (const event of given.fields === "all" ? withAllFields(tenant, matching, store) : matching) {
        const size = byteLength(event);
        const [last] = items.slice(-1);
        if (last !== undefined && (items.length === limit || bytes + size > MAX_PAGE_BYTES)) {
          return { items, cursor: encodeCursor(before(last.id), timeOf(range.lowest)) };
        }
        items.push(event);
        bytes += size;
      }
      rest = readTo === undefined ? undefined : before(readTo);
    }
  }
  return { items };
}

/** Reads all fields of the events. Indexes have only the fields of a list. */
async function* withAllFields(
  tenant: string,
  events: (ListedAuditEvent | AuditEvent)[],
  store: AuditStore,
): AsyncGenerator<AuditEvent> {
  for (let at = 0; at < events.length; at += MAX_CONCURRENT_GETS) {
    const some = events.slice(at, at + MAX_CONCURRENT_GETS);
    const full = await Promise.all(some.map((event) => ("tenant" in event ? event : store.get(tenant, event.id))));
    yield* full.filter((event) => event !== undefined); // an expired event stays in the index a little longer
  }
}

/** Returns an event. Throws an `AppError` of kind `not-found`, also for another tenant's event. */
export async function find(tenant: string, id: string, store: AuditStore): Promise<AuditEvent> {
  const event = isId(id) ? await store.get(tenant, id) : undefined;
  if (event === undefined) throw new AppError("not-found", "audit.not-found", "Event not found.");
  return event;
}

function rangeOf({ from, to, requestId, cursor }: AuditQuery, now: number): IdRange {
  const position = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && position === undefined) {
    throw invalidInput([{ pointer: "/cursor", detail: "is not a valid cursor" }]);
  }
  const latest = now + SKEW_MS; // no event is later than that
  const upper = Math.min(to === undefined ? latest : Date.parse(to), latest);
  if (upper < 0) throw invalidInput([{ pointer: "/to", detail: "must not be before 1970" }]);
  const lower = from === undefined ? (position?.from ?? defaultFrom(upper, now)) : Date.parse(from);
  if (lower < 0) throw invalidInput([{ pointer: "/from", detail: "must not be before 1970" }]);
  if (lower > latest) throw invalidInput([{ pointer: "/from", detail: "must not be in the future" }]);
  if (lower > upper) throw invalidInput([{ pointer: "/from", detail: "must not be after to" }]);
  if (reachOf(upper, position, now) - lower > MAX_DAYS * DAY_MS + SKEW_MS) {
    throw invalidInput([{ pointer: "/from", detail: `must be at most ${MAX_DAYS} days before to` }]);
  }
  if (requestId !== undefined && (from === undefined || to === undefined || upper - lower > DAY_MS / 24)) {
    throw invalidInput([{ pointer: "/requestId", detail: "must come with from and to, at most an hour apart" }]);
  }
  const highest = highestId(upper);
  return { lowest: lowestId(lower), highest: position && position.id < highest ? position.id : highest };
}

function defaultFrom(upper: number, now: number): number {
  return Math.max(0, Math.min(upper, now) - DEFAULT_DAYS * DAY_MS);
}

/**
 * Returns the end from which the length of a range is measured. If its first page is accepted,
 * all of its pages are, however long the caller takes to read them.
 */
function reachOf(upper: number, position: Position | undefined, now: number): number {
  return position === undefined ? Math.min(upper, now) : Math.min(upper, timeOf(position.id)) - SKEW_MS;
}

/** Yields the partitions of a range, newest first, each with its part of the range. */
function* partitions(
  tenant: string,
  { actor, action }: AuditQuery,
  { lowest, highest }: IdRange,
): Generator<IdRange & { partition: Partition }> {
  if (actor !== undefined) return yield { partition: { tenant, actor }, lowest, highest };
  if (action !== undefined && !action.endsWith("*")) return yield { partition: { tenant, action }, lowest, highest };
  const first = Math.floor(timeOf(lowest) / DAY_MS);
  for (let day = Math.floor(timeOf(highest) / DAY_MS); day >= first; day--) {
    const [begin, end] = [lowestId(day * DAY_MS), highestId((day + 1) * DAY_MS - 1)];
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
  return isFiltered ? FILTERED_PAGE_SIZE : limit + 1;
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

/** Returns the id right before another one. */
function before(id: string): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const zeros = /0*$/.exec(id)?.[0].length ?? 0;
  const at = id.length - zeros - 1;
  if (at < 0) return id;
  return `${id.slice(0, at)}${digits[digits.indexOf(id.charAt(at)) - 1]}${"Z".repeat(zeros)}`;
}
