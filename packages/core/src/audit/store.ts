import type { AuditEvent, ListedAuditEvent } from "./event";

/** Where audit events are kept. Nothing in it changes or deletes what has been put. */
export interface AuditStore {
  /** Keeps an event, unless one with its id is kept already. @returns false where one is */
  put(event: AuditEvent, expiresAt: number): Promise<boolean>;
  get(tenant: string, id: string): Promise<AuditEvent | undefined>;
  /**
   * Keeps a claim, unless one under its key is alive.
   *
   * @param now epoch seconds: a claim that expired by then is not alive
   * @returns the one that is alive
   */
  claim(claim: Claim, now: number): Promise<Claim | undefined>;
  /**
   * Replaces a claim by one with other ids, unless another request has replaced it first.
   *
   * @param previous the claim as it was read
   * @returns false if it is another one by now
   */
  renew(claim: Claim, previous: Claim): Promise<boolean>;
  /** A page of a tenant's events, newest first: of a day with all their fields if that is asked for, else as listed. */
  page(partition: Partition, range: IdRange, limit: number, fields?: "all"): Promise<StorePage>;
}

/** What a caller's `Idempotency-Key` stands for. */
export interface Claim {
  tenant: string;
  /** Distinguishes callers and their keys within the tenant. */
  key: string;
  eventIds: string[];
  bodyHash: string;
  /** Epoch seconds. */
  expiresAt: number;
}

/** A day's events, or all of an actor or of an action. */
export type Partition = { tenant: string } & ({ day: string } | { actor: string } | { action: string });

/** Both ends belong to it. */
export interface IdRange {
  lowest: string;
  highest: string;
}

export interface StorePage {
  events: (ListedAuditEvent | AuditEvent)[];
  /** The id up to which the page has read, where there may be more. */
  readTo?: string;
}
