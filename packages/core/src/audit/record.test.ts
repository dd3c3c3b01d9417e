import { idFactory, timeOf } from "@backend/platform/id";
import { parse } from "@backend/platform/input";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { NewAuditEvent, NewAuditEvents } from "./event";
import { memoryStore } from "./memory-store";
import { recordEvents } from "./operations";
import { type Recorded, type RecordRequest, record } from "./record";

const NOW = Date.parse("2026-11-23T09:30:00.000Z");
const event = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada" },
  targets: [{ type: "invoice", id: "42" }],
  outcome: "success",
  occurredAt: "2026-11-23T09:29:00Z",
  metadata: { amount: "12.50" },
};

let store = memoryStore();
let now = NOW;
let newId = idFactory();
beforeEach(() => {
  newId = idFactory();
  store = memoryStore();
  now = NOW;
});
const ada = { type: "user", id: "ada-sub", client: "web", tenant: "acme" } as const;
const Body = z.union([NewAuditEvent, NewAuditEvents]);
const origin = { requestId: "JCJM3j95PHcEJHg=", sourceIp: "192.0.2.1", userAgent: "curl/8" };
/** Records as the operation does, after validation by its schema. */
const send = async (body: unknown, changes: Partial<RecordRequest> = {}) =>
  await record(
    { body: parse(Body, body), caller: ada, ...origin, ...changes },
    { store, newId, now: () => now, retentionDays: 30 },
  );
const idsOf = (recorded: Recorded[]) => recorded.map((one) => ("event" in one ? one.event.id : one.error.code));

describe("an event", () => {
  it("is stored as sent, with the fields that the server adds", async () => {
    const [recorded] = await send(event);
    expect(recorded).toEqual({
      event: {
        ...event,
        id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/), // https://github.com/ulid/spec
        tenant: "acme",
        recordedAt: "2026-11-23T09:30:00.000Z",
        recordedBy: { type: "user", id: "ada-sub", client: "web" },
        requestId: "JCJM3j95PHcEJHg=",
        sourceIp: "192.0.2.1",
        userAgent: "curl/8",
      },
    });
    expect([...store.events.values()]).toEqual([recorded && "event" in recorded && recorded.event]);
  });

  it.each<[string, object, string, string]>([
    ["a tenant", { tenant: "globex" }, "/tenant", "is not a known property"],
    ["who recorded it", { recordedBy: { type: "user", id: "eve" } }, "/recordedBy", "is not a known property"],
    ["when it was recorded", { recordedAt: "2026-11-23T09:30:00Z" }, "/recordedAt", "is not a known property"],
    // WorkOS requires `occurred_at`, too: https://workos.com/docs/reference/audit-logs/event
    ["no time", { occurredAt: undefined }, "/occurredAt", "is required"],
    ["an id", { id: "1" }, "/id", "is not a known property"],
    ["no action", { action: undefined }, "/action", "is required"],
    ["an action in upper case", { action: "Invoice.Paid" }, "/action", "must be lower-case words"],
    ["an action of 101 characters", { action: "a".repeat(101) }, "/action", "at most 100 characters"],
    ["an actor without an id", { actor: { type: "user" } }, "/actor/id", "is required"],
    ["an actor's empty id", { actor: { type: "user", id: "" } }, "/actor/id", "at least 1 characters"],
    ["a colon in a type", { actor: { type: "a:b", id: "1" } }, "/actor/type", "lower-case word"],
    ["a control character in an id", { actor: { type: "user", id: "a\nb" } }, "/actor/id", "control characters"],
    ["an actor's password", { actor: { type: "user", id: "a", password: "x" } }, "/actor/password", "not a known"],
    ["11 targets", { targets: Array(11).fill({ type: "a", id: "1" }) }, "/targets", "at most 10 items"],
    ["another outcome", { outcome: "maybe" }, "/outcome", '"success" or "failure" or "denied"'],
    ["a time without a zone", { occurredAt: "2026-11-23T09:30:00" }, "/occurredAt", "format datetime"],
    ["a date that does not exist", { occurredAt: "2026-02-30T09:30:00Z" }, "/occurredAt", "format datetime"],
    ["a number in metadata", { metadata: { amount: 12 } }, "/metadata/amount", "must be a string"],
    ["51 keys of metadata", { metadata: keys(51) }, "/metadata", "at most 50 properties"],
    ["a value of 4,097 characters", { metadata: { a: "x".repeat(4097) } }, "/metadata/a", "at most 4096 characters"],
  ])("with %s is rejected", async (_title, changes, pointer, detail) => {
    await expect(send({ ...event, ...changes })).rejects.toMatchObject({
      kind: "input",
      errors: [{ pointer, detail: expect.stringContaining(detail) }],
    });
    expect(store.events.size).toBe(0);
  });

  it.each<[string, object]>([
    ["without targets and metadata", { targets: undefined, metadata: undefined }],
    ["with 10 targets", { targets: Array(10).fill({ type: "a", id: "1" }) }],
    ["with 50 keys of metadata, 4,096 characters in one", { metadata: { ...keys(49), z: "x".repeat(4096) } }],
    ["with a time in another zone", { occurredAt: "2026-11-23T10:30:00+01:00" }],
    ["5 minutes in the future", { occurredAt: "2026-11-23T09:35:00Z" }],
    ["with an actor of 200 characters", { actor: { type: "user", id: "ä".repeat(200) } }],
  ])("%s is stored", async (_title, changes) => {
    const given = JSON.parse(JSON.stringify({ ...event, ...changes }));
    expect(await send(given)).toMatchObject([{ event: { targets: [], metadata: {}, ...given } }]);
  });

  it("more than 5 minutes in the future is rejected", async () => {
    await expect(send({ ...event, occurredAt: "2026-11-23T09:35:00.001Z" })).rejects.toMatchObject({
      errors: [{ pointer: "/occurredAt", detail: expect.stringContaining("5 minutes") }],
    });
  });

  it.each([
    [65_536, "stored"],
    [65_537, "rejected"],
  ])("of %i bytes is %s", async (bytes, outcome) => {
    const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, "€".repeat(1300)]));
    const fixed = Buffer.byteLength(JSON.stringify({ ...event, metadata: { ...metadata, rest: "" } }));
    const sent = { ...event, metadata: { ...metadata, rest: "x".repeat(bytes - fixed) } };
    expect(Buffer.byteLength(JSON.stringify(sent))).toBe(bytes);
    if (outcome === "stored") expect(await send(sent)).toMatchObject([{ event: sent }]);
    else
      await expect(send(sent)).rejects.toMatchObject({
        errors: [{ pointer: "", detail: expect.stringContaining("65536 bytes") }],
      });
  });
});

describe("a list", () => {
  it("of 25 is stored in its order, with ascending ids", async () => {
    const list = Array.from({ length: 25 }, (_, index) => ({ ...event, action: `a${index}` }));
    const recorded = await send(list);
    expect(recorded.map((one) => "event" in one && one.event.action)).toEqual(list.map(({ action }) => action));
    expect(idsOf(recorded)).toEqual(idsOf(recorded).toSorted());
    expect(new Set(idsOf(recorded)).size).toBe(25);
  });

  it.each([
    [[], "must have at least 1 items"],
    [Array(26).fill(event), "must have at most 25 items"],
  ])("of 0 or 26 events is rejected", async (list, detail) => {
    await expect(send(list)).rejects.toMatchObject({ errors: [{ pointer: "", detail }] });
  });

  it("with an invalid event is rejected, with a pointer to the event", async () => {
    await expect(send([event, event, { ...event, actor: { type: "user" } }])).rejects.toMatchObject({
      errors: [{ pointer: "/2/actor/id" }],
    });
    await expect(send([event, { ...event, occurredAt: "2027-01-01T00:00:00Z" }])).rejects.toMatchObject({
      errors: [{ pointer: "/1/occurredAt" }],
    });
    expect(store.events.size).toBe(0);
  });

  it("has a result for each event", async () => {
    store.failPuts(1);
    expect(idsOf(await send([event, event]))).toEqual(["store.unavailable", expect.stringMatching(/^01/)]);
  });
});

describe("an idempotency key", () => {
  const key = { idempotencyKey: "k-1" };

  it("returns the stored event for a retry", async () => {
    const first = await send(event, key);
    now += 60_000;
    expect(await send(event, { ...key, requestId: "other=" })).toEqual(first);
    expect(store.events.size).toBe(1);
  });

  it("completes a request that crashed between its two writes", async () => {
    store.failPuts(2);
    expect(idsOf(await send([event, event, event], key))).toEqual([
      "store.unavailable",
      "store.unavailable",
      expect.any(String),
    ]);
    expect(store.events.size).toBe(1);
    const [kept] = [...store.events.keys()].map((stored) => stored.replace("acme ", ""));
    now += 60_000;
    const retried = idsOf(await send([event, event, event], key));
    expect(store.events.size).toBe(3);
    expect(retried.map(timeOf)).toEqual([NOW, NOW, NOW]); // the ids that the first attempt claimed
    expect(retried[2]).toBe(kept);
    expect(idsOf(await send([event, event, event], key))).toEqual(retried);
  });

  const stored = () => [...store.events.values()];

  it.each([1_000, 60_000, 3_600_000, 86_399_000])(
    "gives an event that a retry stores %i ms later the time of the retry, and the full retention",
    async (later) => {
      const expiries: number[] = [];
      const { put } = store;
      store.put = async (one, expiresAt) => {
        const isNew = await put(one, expiresAt);
        expiries.push(expiresAt);
        return isNew;
      };
      store.failPuts(1);
      await send(event, key);
      now += later;
      await send(event, { ...key, requestId: "retry=" });
      expect(stored()).toMatchObject([{ recordedAt: new Date(now).toISOString(), requestId: "retry=" }]);
      expect(expiries).toEqual([now / 1000 + 30 * 86_400]);
    },
  );

  it.each([
    ["5 minutes", 5 * 60_000],
    ["an hour", 3_600_000],
    ["nearly a day", 86_399_000],
  ])("stores no event more than 5 minutes back in lists, for a retry after %s", async (_title, later) => {
    store.failPuts(2);
    await send([event, event, event], key);
    const [first] = stored();
    now += later;
    const retried = idsOf(await send([event, event, event], key));
    expect(retried[2]).toBe(first?.id); // it was stored: it stays what and where it is
    for (const id of retried.slice(0, 2)) expect(now - timeOf(id)).toBeLessThanOrEqual(5 * 60_000);
    now += 3_600_000;
    expect(idsOf(await send([event, event, event], key))).toEqual(retried);
    expect(store.events.size).toBe(3);
  });

  it("stores an event once if two retries arrive at once, an hour later", async () => {
    store.failPuts(1);
    await send(event, key);
    now += 3_600_000;
    const [one, other] = await Promise.all([send(event, key), send(event, key)]);
    expect(one).toEqual(other);
    expect(store.events.size).toBe(1);
  });

  it("that a clock two days ahead has claimed stores no event in the future", async () => {
    now = NOW + 2 * 86_400_000;
    store.failPuts(1);
    await send(event, key);
    now = NOW;
    const [id = ""] = idsOf(await send(event, key));
    expect(timeOf(id)).toBe(NOW);
    expect(stored()).toMatchObject([{ id, recordedAt: "2026-11-23T09:30:00.000Z" }]);
    expect(idsOf(await send(event, key))).toEqual([id]);
  });

  it("stores an event once if two requests arrive at once", async () => {
    const [one, other] = await Promise.all([send(event, key), send(event, key)]);
    expect(one).toEqual(other);
    expect(store.events.size).toBe(1);
  });

  it("is rejected with a different body, even the same event in a list", async () => {
    await send(event, key);
    for (const body of [{ ...event, outcome: "denied" }, [event], { ...event, metadata: {} }]) {
      await expect(send(body, key)).rejects.toMatchObject({ kind: "unprocessable", code: "idempotency.other-body" });
    }
    expect(store.events.size).toBe(1);
  });

  it("ignores the order of properties in any object of the body", async () => {
    const metadata = { amount: "12.50", currency: "EUR", "2": "b", "10": "a" };
    const actor = { type: "user", id: "ada", name: "Ada" };
    const given = { ...event, actor, metadata };
    const reverse = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).toReversed());
    const first = await send(given, key);
    for (const body of [
      reverse(given),
      { ...given, metadata: reverse(metadata) },
      { ...given, actor: reverse(actor) },
      { ...given, targets: given.targets.map(reverse) },
    ]) {
      expect(await send(body, key)).toEqual(first);
    }
    const changed = { ...given, metadata: { ...metadata, amount: "12.5" } };
    await expect(send(changed, key)).rejects.toMatchObject({ code: "idempotency.other-body" });
  });

  it("is separate for each caller, each tenant, and a machine client with the same id", async () => {
    const callers = [ada, { ...ada, id: "bob-sub" }, { ...ada, tenant: "globex" }, { ...ada, type: "client" } as const];
    const ids = [];
    for (const caller of callers) ids.push(...idsOf(await send(event, { ...key, caller })));
    expect(new Set(ids).size).toBe(4);
  });

  it.each([
    [24 * 3600 - 1, 1],
    [24 * 3600, 2],
  ])("used again after %i seconds stores %i events in total", async (seconds, count) => {
    await send(event, key);
    now += seconds * 1000;
    await send(event, key);
    expect(store.events.size).toBe(count);
  });

  it.each(["", "a".repeat(256), "a b", "ä", "a\n"])("%j is rejected", (key) => {
    const headers = { "idempotency-key": key };
    const pointers = [expect.objectContaining({ pointer: "/idempotency-key" })];
    expect(() => parse(recordEvents.headers as z.ZodMiniType, headers)).toThrow(
      expect.objectContaining({ errors: expect.arrayContaining(pointers) }),
    );
  });

  it("of 255 characters is accepted", async () => {
    expect(await send(event, { idempotencyKey: "~".repeat(255) })).toHaveLength(1);
  });
});

function keys(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, ""]));
}
