import { AppError } from "@backend/platform/error";
import { dayOf } from "@backend/platform/id";
import type { AuditEvent } from "./event";
import type { AuditStore, Claim, Partition } from "./store";

export interface MemoryStore extends AuditStore {
  events: Map<string, AuditEvent>;
  /** Number of pages that have been read. */
  reads(): number;
  /** Lets the next puts of events fail as if the table were unavailable. */
  failPuts(count: number): void;
}

/** Returns an audit store in memory. A page has at most `maxPage` events, whatever its limit. */
export function memoryStore(maxPage = Number.POSITIVE_INFINITY): MemoryStore {
  const events = new Map<string, AuditEvent>();
  const claims = new Map<string, Claim>();
  let [reads, failing] = [0, 0];
  return {
    events,
    reads: () => reads,
    failPuts: (count) => {
      failing = count;
    },
    async put(event) {
      if (failing-- > 0) throw new AppError("unavailable", "store.unavailable", "The table is unavailable.");
      const key = `${event.tenant} ${event.id}`;
      if (events.has(key)) return false;
      events.set(key, structuredClone(event));
      return true;
    },
    async get(tenant, id) {
      return events.get(`${tenant} ${id}`);
    },
    async claim(claim, now) {
      const key = `${claim.tenant} ${claim.key}`;
      const alive = claims.get(key);
      if (alive !== undefined && alive.expiresAt > now) return alive;
      claims.set(key, claim);
      return undefined;
    },
    async renew(claim, previous) {
      const key = `${claim.tenant} ${claim.key}`;
      if (claims.get(key)?.expiresAt !== previous.expiresAt) return false;
      claims.set(key, claim);
      return true;
    },
    async page(partition, { lowest, highest }, limit) {
      reads++;
      const found = [...events.values()]
        .filter((event) => isIn(partition, event) && event.id >= lowest && event.id <= highest)
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const page = found.slice(0, Math.min(limit, maxPage));
      const readTo = page.length < found.length ? page.at(-1)?.id : undefined;
      return { events: page, ...(readTo !== undefined && { readTo }) };
    },
  };
}

function isIn(partition: Partition, { tenant, id, actor, action }: AuditEvent): boolean {
  if (tenant !== partition.tenant) return false;
  if ("day" in partition) return dayOf(id) === partition.day;
  return "actor" in partition ? `${actor.type}:${actor.id}` === partition.actor : action === partition.action;
}
