import * as z from "zod/mini";

import type { LISTED } from "./listed";

/** Bytes of an event as JSON in UTF-8. DynamoDB's limit is 400 KB. */
export const EVENT_LIMIT = 64 * 1024;
export const BATCH_LIMIT = 25;
export const METADATA_LIMIT = 50;
const TARGET_LIMIT = 10;

const text = (maxLength: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(maxLength),
    z.refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), { error: "must not have control characters" }),
  );

export const Action = z.string().check(
  z.maxLength(100),
  z.regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/, {
    error: "must be lower-case words with dots, for example invoice.paid",
  }),
);

/** No colon: filters are written `type:id`. */
const Type = z
  .string()
  .check(z.maxLength(40), z.regex(/^[a-z][a-z0-9_-]*$/, { error: "must be a lower-case word, for example user" }));

export const Party = z.strictObject({ type: Type, id: text(200), name: z.optional(text(200)) });

export const Outcome = z.enum(["success", "failure", "denied"]);

const Metadata = z
  .record(
    z
      .string()
      .check(z.maxLength(64), z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: "must be letters, digits, . _ and -" })),
    z.string().check(z.maxLength(4096)),
  )
  .check(
    z.refine((metadata) => Object.keys(metadata).length <= METADATA_LIMIT, {
      error: `must have at most ${METADATA_LIMIT} properties`,
    }),
  );

/** An event as a caller sends it. */
export const NewAuditEvent = z
  .strictObject({
    action: Action,
    actor: Party,
    targets: z._default(z.array(Party).check(z.maxLength(TARGET_LIMIT)), []),
    outcome: Outcome,
    occurredAt: z.iso.datetime({ offset: true }),
    metadata: z._default(Metadata, {}),
  })
  .check(
    z.refine((event) => byteLength(event) <= EVENT_LIMIT, { error: `must have at most ${EVENT_LIMIT} bytes as JSON` }),
  );
export type NewAuditEvent = z.output<typeof NewAuditEvent>;

export const NewAuditEvents = z.array(NewAuditEvent).check(z.minLength(1), z.maxLength(BATCH_LIMIT));

/** Who recorded an event. It comes from the verified token, never from the body. */
export const Recorder = z.object({ type: z.enum(["user", "client"]), id: z.string(), client: z.string() });
export type Recorder = z.output<typeof Recorder>;

/** An event with the fields of a list. */
export const ListedAuditEvent = z.object({
  id: z.string(),
  action: Action,
  actor: Party,
  targets: z.array(Party),
  outcome: Outcome,
  occurredAt: z.string(),
  recordedAt: z.string(),
  requestId: z.string(),
} satisfies Record<(typeof LISTED)[number], z.ZodMiniType>);
export type ListedAuditEvent = z.output<typeof ListedAuditEvent>;

/**
 * A stored event. The server adds the id, the tenant, the time and caller of the recording, and the
 * request's id, address and user agent.
 */
export const AuditEvent = z.extend(ListedAuditEvent, {
  tenant: z.string(),
  recordedBy: Recorder,
  metadata: z.record(z.string(), z.string()),
  sourceIp: z.string(),
  userAgent: z.optional(z.string()),
});
export type AuditEvent = z.output<typeof AuditEvent>;

/** Returns the bytes of an event as JSON. */
export function byteLength(event: unknown): number {
  return new TextEncoder().encode(JSON.stringify(event)).length;
}
