import type { AuditEvent, ListedAuditEvent } from "./event";

/** Stores audit events. It has no operation that changes or deletes an event. */
export interface AuditStore {
  /** Stores an event. Returns false if there is already one with its id. */
  put(event: AuditEvent, expiresAt: number): Promise<boolean>;
  get(tenant: string, id: string): Promise<AuditEvent | undefined>;
  /**
   * Stores a claim, unless there is one with its key that has not expired.
   *
   * @param now epoch seconds
   * @returns the existing claim; undefined if the new one was stored
   */
  claim(claim: Claim, now: number): Promise<Claim | undefined>;
  /**
   * Replaces a claim by one with other ids, unless another request has replaced it first.
   *
   * @param previous the claim as it was read
   * @returns false if another request was faster
   */
  renew(claim: Claim, previous: Claim): Promise<boolean>;
  /** Returns a page, newest first. With `all`, events of a day have all their fields. */
  page(partition: Partition, range: IdRange, limit: number, fields?: "all"): Promise<StorePage>;
}

/** The event ids that belong to a caller's `Idempotency-Key`. */
export interface Claim {
  tenant: string;
  /** A hash of the caller and the key. */
  key: string;
  eventIds: string[];
  bodyHash: string;
  /** Epoch seconds. */
  expiresAt: number;
}

/** The events of a day, of an actor or of an action. */
export type Partition = { tenant: string } & ({ day: string } | { actor: string } | { action: string });

/** Both ends are inclusive. */
export interface IdRange {
  lowest: string;
  highest: string;
}

export interface StorePage {
  events: (ListedAuditEvent | AuditEvent)[];
  /** The last id that was read, if there may be more. */
  readTo?: string;
}
