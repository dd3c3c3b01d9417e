import { createHash } from "node:crypto";

import type { TenantCaller } from "../access/access";
import { AppError } from "../error";
import { invalidInput, parse } from "../input";
import { type AuditEvent, NewAuditEvent, NewAuditEvents } from "./event";
import { type NewId, timeOf } from "./id";
import type { AuditStore, Claim } from "./store";

/** Seconds for which a key stands for its request. */
const KEY_LIFETIME = 24 * 60 * 60;

/** Milliseconds that a caller's clock may be ahead. */
const AHEAD = 5 * 60_000;

const KEY = /^[\x21-\x7e]{1,255}$/;

export interface RecordDependencies {
  store: AuditStore;
  newId: NewId;
  /** Epoch milliseconds. */
  now: () => number;
  retentionDays: number;
}

/** The request that records. */
export interface RecordRequest {
  body: unknown;
  caller: TenantCaller;
  requestId: string;
  sourceIp: string;
  userAgent?: string;
  idempotencyKey?: string;
}

export type Recorded = { event: AuditEvent } | { error: AppError };

/**
 * Records one event, or a list of them; a list comes back in its order, each with its event or with why it could not be kept. With
 * an idempotency key, a retry finishes what was begun and answers what was stored.
 *
 * @throws AppError for a body that is not valid as a whole, before anything is kept; for a key that stood for another body
 */
export async function record(request: RecordRequest, dependencies: RecordDependencies): Promise<Recorded[]> {
  const { body, idempotencyKey } = request;
  const isBatch = Array.isArray(body);
  const given = isBatch ? parse(NewAuditEvents, body) : [parse(NewAuditEvent, body)];
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
  if (!KEY.test(idempotencyKey)) {
    throw invalidInput([
      { pointer: "/idempotency-key", detail: "must be 1 to 255 visible ASCII characters, as a header of that name" },
    ]);
  }
  const eventIds = await claimIds(given, idempotencyKey, request, dependencies);
  return await putAll(given, eventIds, request, dependencies);
}

/** The ids of the events: new ones, or those of the same request before this one. */
async function claimIds(
  given: NewAuditEvent[],
  idempotencyKey: string,
  { body, caller }: RecordRequest,
  { store, newId, now }: RecordDependencies,
): Promise<string[]> {
  const time = now();
  const seconds = Math.floor(time / 1000);
  const claim: Claim = {
    tenant: caller.tenant,
    key: digest(JSON.stringify([caller.type, caller.id, idempotencyKey])),
    eventIds: given.map(() => newId(time)),
    bodyHash: digest(JSON.stringify([Array.isArray(body), given])), // of what was understood: white space is no difference
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
  return alive.eventIds;
}

async function putAll(
  given: NewAuditEvent[],
  ids: string[],
  request: RecordRequest,
  dependencies: RecordDependencies,
): Promise<Recorded[]> {
  return await Promise.all(given.map((event, index) => put(event, ids[index] ?? "", request, dependencies)));
}

async function put(
  given: NewAuditEvent,
  id: string,
  { caller, requestId, sourceIp, userAgent }: RecordRequest,
  { store, retentionDays }: RecordDependencies,
): Promise<Recorded> {
  const time = timeOf(id);
  const event: AuditEvent = {
    id,
    tenant: caller.tenant,
    ...given,
    recordedAt: new Date(time).toISOString(),
    requestId,
    sourceIp,
    ...(userAgent !== undefined && { userAgent }),
  };
  try {
    if (await store.put(event, Math.floor(time / 1000) + retentionDays * 86_400)) return { event };
    const stored = await store.get(caller.tenant, id);
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
