import { createHash } from "node:crypto";

import type { TenantCaller } from "@backend/platform/api/contract";
import { canonicalJson } from "@backend/platform/canonical-json";
import { AppError } from "@backend/platform/error";
import type { NewId } from "@backend/platform/id";
import { invalidInput } from "@backend/platform/input";
import type { AuditEvent, NewAuditEvent } from "./event";
import type { AuditStore, Claim } from "./store";

/** How long an idempotency key is valid. */
const KEY_LIFETIME_SECONDS = 24 * 60 * 60;

/**
 * How long a claimed id may be used. Lists are in the order of ids. An event that is stored later
 * needs a new id: otherwise it would appear among events that a consumer has already read. No
 * function runs this long, so no other invocation still uses the old ids.
 */
const MAX_ID_AGE_MS = 5 * 60_000;

/** A caller's clock may be ahead by this much. */
const MAX_AHEAD_MS = 5 * 60_000;

export interface RecordDependencies {
  store: AuditStore;
  newId: NewId;
  /** Epoch milliseconds. */
  now: () => number;
  retentionDays: number;
}

/** The request that records events. */
export interface RecordRequest {
  body: NewAuditEvent | NewAuditEvent[];
  caller: TenantCaller;
  requestId: string;
  sourceIp: string;
  userAgent?: string;
  idempotencyKey?: string;
}

export type Recorded = { event: AuditEvent } | { error: AppError };

/**
 * Records one event or a list of events. Returns, in the same order, each stored event, or the
 * reason why it was not stored. With an idempotency key, a retry stores the missing events and
 * returns the others as they were stored.
 *
 * @throws AppError if an event is in the future (nothing is stored then), or if the key was used
 *   with a different body
 */
export async function record(request: RecordRequest, dependencies: RecordDependencies): Promise<Recorded[]> {
  const { body, idempotencyKey } = request;
  const isBatch = Array.isArray(body);
  const given = isBatch ? body : [body];
  rejectFuture(given, isBatch, dependencies.now());
  if (idempotencyKey === undefined) {
    const time = dependencies.now();
    return await putAll(
      given,
      given.map(() => dependencies.newId(time)),
      request,
      dependencies,
    );
  }
  const eventIds = await claimIds(given, idempotencyKey, request, dependencies);
  return await putAll(given, eventIds, request, dependencies);
}

/** Returns the ids for the events: new ones, or those of an earlier attempt of the same request. */
async function claimIds(
  given: NewAuditEvent[],
  idempotencyKey: string,
  { body, caller }: RecordRequest,
  dependencies: RecordDependencies,
): Promise<string[]> {
  const { store, newId, now } = dependencies;
  const time = now();
  const seconds = Math.floor(time / 1000);
  const claim: Claim = {
    tenant: caller.tenant,
    key: digest(JSON.stringify([caller.type, caller.id, idempotencyKey])),
    eventIds: given.map(() => newId(time)),
    // A hash of the parsed events, which ignores white space and the order of properties.
    bodyHash: digest(canonicalJson([Array.isArray(body), given])),
    expiresAt: seconds + KEY_LIFETIME_SECONDS,
  };
  const existing = await store.claim(claim, seconds);
  if (existing === undefined) return claim.eventIds;
  if (existing.bodyHash !== claim.bodyHash) {
    throw new AppError(
      "unprocessable",
      "idempotency.other-body",
      "This Idempotency-Key was already used with a different body in the last 24 hours.",
    );
  }
  if (Math.abs(claimedAt(existing) - time) <= MAX_ID_AGE_MS) return existing.eventIds;
  return await renewIds(existing, claim, dependencies);
}

/** Epoch milliseconds. In the future if another function's clock was ahead. */
function claimedAt({ expiresAt }: Claim): number {
  return (expiresAt - KEY_LIFETIME_SECONDS) * 1000;
}

/** Claims new ids for the events that an earlier attempt did not store. */
async function renewIds(existing: Claim, claim: Claim, { store }: RecordDependencies): Promise<string[]> {
  const stored = await Promise.all(existing.eventIds.map((id) => store.get(existing.tenant, id)));
  if (stored.every((event) => event !== undefined)) return existing.eventIds;
  const eventIds = existing.eventIds.map((id, index) =>
    stored[index] === undefined ? (claim.eventIds[index] ?? id) : id,
  );
  if (await store.renew({ ...claim, eventIds }, existing)) return eventIds;
  // Another attempt was faster: use its ids.
  const winner = await store.claim(claim, claim.expiresAt - KEY_LIFETIME_SECONDS);
  return (winner ?? claim).eventIds;
}

async function putAll(
  given: NewAuditEvent[],
  ids: string[],
  request: RecordRequest,
  dependencies: RecordDependencies,
): Promise<Recorded[]> {
  const time = dependencies.now();
  return await Promise.all(
    given.map((event, index) => put(event, { id: ids[index] ?? "", time }, request, dependencies)),
  );
}

async function put(
  given: NewAuditEvent,
  { id, time }: { id: string; time: number },
  { caller: { tenant, ...recordedBy }, requestId, sourceIp, userAgent }: RecordRequest,
  { store, retentionDays }: RecordDependencies,
): Promise<Recorded> {
  const event: AuditEvent = {
    ...given,
    id,
    tenant,
    recordedAt: new Date(time).toISOString(),
    recordedBy,
    requestId,
    sourceIp,
    ...(userAgent !== undefined && { userAgent }),
  };
  try {
    if (await store.put(event, Math.floor(time / 1000) + retentionDays * 86_400)) return { event };
    const stored = await store.get(tenant, id);
    if (stored === undefined)
      throw new AppError("unavailable", "store.unavailable", "The event could not be read back.");
    return { event: stored };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}

function rejectFuture(given: NewAuditEvent[], isBatch: boolean, now: number): void {
  const errors = given.flatMap(({ occurredAt }, index) =>
    Date.parse(occurredAt) > now + MAX_AHEAD_MS
      ? [
          {
            pointer: `${isBatch ? `/${index}` : ""}/occurredAt`,
            detail: "must not be more than 5 minutes in the future",
          },
        ]
      : [],
  );
  if (errors.length > 0) throw invalidInput(errors);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
