import { createHash } from "node:crypto";

import type { TenantCaller } from "@backend/platform/api/contract";
import { canonicalJson } from "@backend/platform/canonical-json";
import { AppError } from "@backend/platform/error";
import type { NewId } from "@backend/platform/id";
import { invalidInput } from "@backend/platform/input";
import type { AuditEvent, NewAuditEvent } from "./event";
import type { AuditStore, Claim } from "./store";

/** Seconds for which a key stands for its request. */
const KEY_LIFETIME = 24 * 60 * 60;

/**
 * How long ids that were claimed may still be used, in milliseconds. Lists are in the order of ids: an event that is
 * stored later gets a new one, so that it appears where a consumer has not read yet. No function runs for so long, so
 * that by then nobody else is storing events under the old ids.
 */
const MAX_ID_AGE = 5 * 60_000;

/** Milliseconds that a caller's clock may be ahead. */
const AHEAD = 5 * 60_000;

export interface RecordDependencies {
  store: AuditStore;
  newId: NewId;
  /** Epoch milliseconds. */
  now: () => number;
  retentionDays: number;
}

/** The request that records. */
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
 * Records one event, or a list of them. A list comes back in its order: each item has its event, or the reason why it
 * could not be stored. With an idempotency key, a retry stores what is missing and returns what was stored before.
 *
 * @throws AppError for an event that has not happened yet, before anything is stored, and for a key
 *   that was used with another body
 */
export async function record(request: RecordRequest, dependencies: RecordDependencies): Promise<Recorded[]> {
  const { body, idempotencyKey } = request;
  const isBatch = Array.isArray(body);
  const given = isBatch ? body : [body];
  refuseFuture(given, isBatch, dependencies.now());
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

/** Returns the ids of the events: new ones, or those of an earlier attempt of the same request. */
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
    // Of the parsed events: white space and the order of properties make no difference.
    bodyHash: digest(canonicalJson([Array.isArray(body), given])),
    expiresAt: seconds + KEY_LIFETIME,
  };
  const alive = await store.claim(claim, seconds);
  if (alive === undefined) return claim.eventIds;
  if (alive.bodyHash !== claim.bodyHash) {
    throw new AppError(
      "unprocessable",
      "idempotency.other-body",
      "The Idempotency-Key has been used with another body in the last 24 hours.",
    );
  }
  if (Math.abs(claimedAt(alive) - time) <= MAX_ID_AGE) return alive.eventIds;
  return await renewIds(alive, claim, dependencies);
}

/** Epoch milliseconds. In the future for a claim made by a clock that was ahead. */
function claimedAt({ expiresAt }: Claim): number {
  return (expiresAt - KEY_LIFETIME) * 1000;
}

/** Replaces the ids of events that an earlier attempt did not store, and claims them for later attempts. */
async function renewIds(alive: Claim, claim: Claim, { store }: RecordDependencies): Promise<string[]> {
  const stored = await Promise.all(alive.eventIds.map((id) => store.get(alive.tenant, id)));
  if (stored.every((event) => event !== undefined)) return alive.eventIds;
  const eventIds = alive.eventIds.map((id, index) =>
    stored[index] === undefined ? (claim.eventIds[index] ?? id) : id,
  );
  if (await store.renew({ ...claim, eventIds }, alive)) return eventIds;
  // Another attempt was faster: its ids are the ones to use.
  const winner = await store.claim(claim, claim.expiresAt - KEY_LIFETIME);
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

function refuseFuture(given: NewAuditEvent[], isBatch: boolean, now: number): void {
  const errors = given.flatMap(({ occurredAt }, index) =>
    Date.parse(occurredAt) > now + AHEAD
      ? [{ pointer: `${isBatch ? `/${index}` : ""}/occurredAt`, detail: "must not be more than 5 minutes ahead" }]
      : [],
  );
  if (errors.length > 0) throw invalidInput(errors);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
