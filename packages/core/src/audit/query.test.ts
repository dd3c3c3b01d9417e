import { highestId, idFactory, lowestId } from "@backend/platform/id";
import { parse } from "@backend/platform/input";
import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditEvent } from "./event";
import { type MemoryStore, memoryStore } from "./memory-store";
import { AuditQuery, find, query as findEvents } from "./query";
import type { AuditStore } from "./store";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-23T09:30:00.000Z");
const iso = (time: number) => new Date(time).toISOString();

const newId = (time: number) => idFactory()(time); // one factory for all would never go back in time
async function add(store: MemoryStore, time: number, changes: Partial<AuditEvent> = {}): Promise<string> {
  const id = changes.id ?? newId(time);
  await store.put(
    {
      id,
      tenant: "acme",
      action: "invoice.paid",
      actor: { type: "user", id: "ada" },
      targets: [{ type: "invoice", id: "42" }],
      outcome: "success",
      occurredAt: iso(time),
      recordedAt: iso(time),
      recordedBy: { type: "client", id: "billing", client: "billing" },
      requestId: "req=",
      sourceIp: "192.0.2.1",
      metadata: {},
      ...changes,
    },
    0,
  );
  return id;
}

/** Runs a query as the operation does, after validation by its schema. */
const query = async (tenant: string, input: object, store: AuditStore, now: number) =>
  await findEvents(tenant, parse(AuditQuery, input), store, now);
const ids = async (store: MemoryStore, input: Record<string, string> = {}, tenant = "acme") =>
  (await query(tenant, input, store, NOW)).items.map(({ id }) => id);

async function walk(store: MemoryStore, input: Record<string, string>, between = async () => {}, clock = () => NOW) {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await query("acme", { ...input, ...(cursor !== undefined && { cursor }) }, store, clock());
    found.push(...page.items.map(({ id }) => id));
    cursor = page.cursor;
    await between();
  } while (cursor !== undefined);
  return found;
}

describe("a query", () => {
  it("finds a tenant's events of several days, newest first", async () => {
    const store = memoryStore();
    const added: string[] = [];
    for (const days of [6, 3, 1, 0]) added.push(await add(store, NOW - days * DAY));
    await add(store, NOW, { tenant: "globex" });
    expect(await ids(store)).toEqual(added.toReversed());
    expect(await ids(store, {}, "initech")).toEqual([]);
  });

  it("covers 7 days by default, and events of a clock that is 5 minutes ahead", async () => {
    const store = memoryStore();
    await add(store, NOW - 7 * DAY - 1);
    const oldest = await add(store, NOW - 7 * DAY);
    const ahead = await add(store, NOW + 5 * 60_000);
    await add(store, NOW + 5 * 60_000 + 1);
    expect(await ids(store)).toEqual([ahead, oldest]);
  });

  it("includes both ends of its range", async () => {
    const store = memoryStore();
    await add(store, NOW - 2001);
    const [first, last] = [await add(store, NOW - 2000), await add(store, NOW - 1000)];
    await add(store, NOW - 999);
    expect(await ids(store, { from: iso(NOW - 2000), to: iso(NOW - 1000) })).toEqual([last, first]);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ["an actor", { actor: "user:bob" }, ["bob"]],
    ["an actor whose id has a colon", { actor: "user:urn:1" }, ["urn"]],
    ["an action", { action: "invoice.deleted" }, ["deleted"]],
    ["an action prefix", { action: "invoice.*" }, ["deleted", "ada"]],
    ["a prefix that is not a whole word", { action: "inv.*" }, []],
    ["a target", { target: "order:7" }, ["order"]],
    ["an outcome", { outcome: "denied" }, ["denied"]],
    ["an actor and an action", { actor: "user:ada", action: "invoice.deleted" }, ["deleted"]],
    ["an actor and an outcome", { actor: "user:ada", outcome: "denied" }, []],
    ["a request", { requestId: "other=", from: iso(NOW - HOUR), to: iso(NOW) }, ["request"]],
  ])("finds by %s", async (_title, input, expected) => {
    const store = memoryStore();
    const named = new Map<string, string>();
    let time = NOW - 1000;
    const put = async (name: string, changes: Partial<AuditEvent>) =>
      named.set(await add(store, time++, changes), name);
    await put("ada", {});
    await put("bob", { actor: { type: "user", id: "bob" }, action: "x" });
    await put("urn", { actor: { type: "user", id: "urn:1" }, action: "x" });
    await put("deleted", { action: "invoice.deleted" });
    await put("order", {
      targets: [
        { type: "a", id: "7" },
        { type: "order", id: "7" },
      ],
      action: "x",
      actor: { type: "job", id: "1" },
    });
    await put("denied", { outcome: "denied", action: "x", actor: { type: "job", id: "1" } });
    await put("request", { requestId: "other=", action: "x", actor: { type: "job", id: "1" } });
    expect((await ids(store, input)).map((id) => named.get(id))).toEqual(expected);
  });

  it.each<[string, Record<string, string>, string]>([
    ["an unknown parameter", { tenant: "globex" }, "/tenant"],
    ["a limit of 0", { limit: "0" }, "/limit"],
    ["a limit of 201", { limit: "201" }, "/limit"],
    ["a limit in words", { limit: "1e2" }, "/limit"],
    ["a time without a zone", { from: "2026-11-23T09:30:00" }, "/from"],
    ["a reversed range", { from: iso(NOW), to: iso(NOW - 1) }, "/from"],
    ["a range of more than 31 days", { from: iso(NOW - 31 * DAY - 5 * 60_000 - 1), to: iso(NOW) }, "/from"],
    ["a time before 1970", { from: "1969-12-31T23:00:00Z", to: "1970-01-01T00:00:00Z" }, "/from"],
    ["an actor without a type", { actor: "ada" }, "/actor"],
    ["a star within an action", { action: "a.*.b" }, "/action"],
    ["a star for any action", { action: "*" }, "/action"],
    ["an unknown outcome", { outcome: "maybe" }, "/outcome"],
    ["a request without a range", { requestId: "a" }, "/requestId"],
    ["a request in more than an hour", { requestId: "a", from: iso(NOW - HOUR - 1), to: iso(NOW) }, "/requestId"],
    ["an empty cursor", { cursor: "" }, "/cursor"],
    ["a cursor that is not base64 of an id", { cursor: "abc" }, "/cursor"],
    ["a cursor with trailing characters", { cursor: `${cursorOf(lowestId(NOW), NOW)}AA` }, "/cursor"],
    ["a cursor with an invalid id", { cursor: cursorOf("I".repeat(26), NOW) }, "/cursor"],
    ["a cursor of a range that is too long", { cursor: cursorOf(lowestId(NOW), NOW - 40 * DAY) }, "/from"],
  ])("rejects %s", async (_title, input, pointer) => {
    await expect(query("acme", input, memoryStore(), NOW)).rejects.toMatchObject({
      kind: "input",
      errors: [{ pointer }],
    });
  });

  it("accepts a range of 31 days, and a limit of 200", async () => {
    const store = memoryStore();
    expect(await ids(store, { from: iso(NOW - 31 * DAY), to: iso(NOW), limit: "200" })).toEqual([]);
    expect(store.reads()).toBe(32); // the days that 31 times 24 hours touch
  });
});

describe("a range that ends now", () => {
  const from = iso(NOW - 31 * DAY);

  it("of 31 days is accepted from a slow request, and from a clock that is 5 minutes behind", async () => {
    await expect(query("acme", { from }, memoryStore(), NOW + 60_000)).resolves.toEqual({ items: [] });
    await expect(query("acme", { from }, memoryStore(), NOW + 5 * 60_000)).resolves.toEqual({ items: [] });
    await expect(query("acme", { from }, memoryStore(), NOW + 5 * 60_000 + 1)).rejects.toMatchObject({
      errors: [{ pointer: "/from", detail: "must be at most 31 days before to" }],
    });
  });

  it.each<[string, Record<string, string>]>([
    ["31 days", { from }],
    ["31 days and 5 minutes", { from: iso(NOW - 31 * DAY - 5 * 60_000) }],
    ["31 days with an end", { from, to: iso(NOW) }],
    ["7 days", {}],
  ])("of %s can be read to its end, even with an hour between pages", async (_title, input) => {
    const store = memoryStore();
    const added = [await add(store, NOW - 7 * DAY), await add(store, NOW - DAY), await add(store, NOW)];
    if (input.from !== undefined) added.unshift(await add(store, Date.parse(input.from)));
    let clock = NOW;
    const between = async () => {
      clock += HOUR;
    };
    expect(await walk(store, { ...input, limit: "1" }, between, () => clock)).toEqual(added.toReversed());
  });

  it("can be read with a rare filter, past a page without events", async () => {
    const store = memoryStore(1);
    for (let index = 0; index < 60; index++) await add(store, NOW + index);
    let clock = NOW;
    const between = async () => {
      clock += 10 * 60_000;
    };
    const input = { from: iso(NOW - 31 * DAY - 5 * 60_000), outcome: "denied" };
    expect(await walk(store, input, between, () => clock)).toEqual([]);
  });

  it.each(["2100-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999-23:59"])(
    "can end in the future, at %s",
    async (to) => {
      const store = memoryStore();
      const added = [await add(store, NOW - 31 * DAY), await add(store, NOW)];
      expect(await walk(store, { from, to, limit: "1" })).toEqual(added.toReversed());
      expect(store.reads()).toBeLessThan(70);
      expect(await ids(store, { to })).toEqual([added[1]]); // 7 days back from now
    },
  );

  it.each<[string, Record<string, string>, string, string]>([
    ["begins in the future", { from: iso(NOW + HOUR), to: iso(NOW + 2 * HOUR) }, "/from", "must not be in the future"],
    ["ends before 1970", { to: "1960-01-01T00:00:00Z" }, "/to", "must not be before 1970"],
    ["begins before 1970", { from: "1960-01-01T00:00:00Z" }, "/from", "must not be before 1970"],
  ])("is rejected if it %s", async (_title, input, pointer, detail) => {
    await expect(query("acme", input, memoryStore(), NOW)).rejects.toMatchObject({ errors: [{ pointer, detail }] });
  });
});

describe("events with all their fields", () => {
  const metadata = { amount: "12.50" };
  /** A store whose indexes have only the fields of a list, as in DynamoDB. */
  function listing(store: MemoryStore): MemoryStore {
    const listed = ({ metadata: _metadata, tenant: _tenant, recordedBy: _by, ...event }: AuditEvent) => event;
    return {
      ...store,
      async page(partition, range, limit, fields) {
        const { events, ...rest } = await store.page(partition, range, limit);
        const isWhole = fields === "all" && "day" in partition;
        return { events: isWhole ? events : (events as AuditEvent[]).map((event) => listed(event)), ...rest };
      },
    };
  }

  it.each<[string, Record<string, string>]>([
    ["a range", {}],
    ["an actor", { actor: "user:ada" }],
    ["an action", { action: "invoice.paid" }],
    ["an action prefix", { action: "invoice.*" }],
    ["an actor and an outcome", { actor: "user:ada", outcome: "success" }],
  ])("are equal to those of `GET /events/{id}`, for %s, over pages", async (_title, input) => {
    const store = listing(memoryStore());
    const added: string[] = [];
    for (let index = 0; index < 60; index++) added.push(await add(store, NOW - 60_000 + index, { metadata }));
    const whole: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await query("acme", { ...input, fields: "all", limit: "25", ...(cursor && { cursor }) }, store, NOW);
      whole.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(whole).toEqual(await Promise.all(added.toReversed().map((id) => find("acme", id, store))));
    const { items } = await query("acme", input, store, NOW);
    expect(items[0]).not.toHaveProperty("metadata");
  });

  // Lambda's limit: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  it("end a page before a function's response has more than 6 MB", async () => {
    const store = memoryStore();
    // The worst case: each level of JSON escapes every quotation mark.
    const large = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`k${index}`, '"'.repeat(4_000)]));
    const added: string[] = [];
    for (let index = 0; index < 120; index++) added.push(await add(store, NOW - 60_000 + index, { metadata: large }));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await query("acme", { fields: "all", limit: "200", ...(cursor && { cursor }) }, store, NOW);
      expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify(page) }))).toBeLessThan(6_291_456);
      found.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found).toEqual(added.toReversed());
  });

  it("are returned only with `fields=all`", async () => {
    await expect(query("acme", { fields: "some" }, memoryStore(), NOW)).rejects.toMatchObject({
      errors: [{ pointer: "/fields", detail: 'must be "all"' }],
    });
  });
});

describe("pages", () => {
  it("have a cursor if there is more, and none otherwise", async () => {
    const store = memoryStore();
    for (let index = 0; index < 3; index++) await add(store, NOW - index);
    expect(await query("acme", { limit: "3" }, store, NOW)).not.toHaveProperty("cursor");
    const { items, cursor } = await query("acme", { limit: "2" }, store, NOW);
    expect(items).toHaveLength(2);
    expect((await query("acme", { limit: "2", cursor: cursor ?? "" }, store, NOW)).items).toHaveLength(1);
  });

  it("of a rare filter end with a cursor after a bounded number of reads", async () => {
    const store = memoryStore(10);
    const rare = await add(store, NOW - DAY, { outcome: "denied" });
    for (let index = 0; index < 1000; index++) await add(store, NOW - 1000);
    const first = await query("acme", { outcome: "denied" }, store, NOW);
    expect([first.items, store.reads()]).toEqual([[], 40]);
    expect(await walk(store, { outcome: "denied" })).toEqual([rare]);
  });

  it("have only the caller's events, even with another caller's cursor", async () => {
    const store = memoryStore();
    const mine = await add(store, NOW - 2000);
    const theirs = await add(store, NOW - 1000, { tenant: "globex" });
    for (const id of [theirs, highestId(NOW + 365 * DAY), highestId(NOW)]) {
      expect(await ids(store, { cursor: cursorOf(id, NOW - DAY) })).toEqual([mine]);
    }
    expect(await ids(store, { cursor: cursorOf(lowestId(NOW - 2000), NOW - DAY) })).toEqual([]);
  });

  it("have each event once, even if others are recorded while they are read", {
    tags: ["sampled"],
  }, async () => {
    const events = fc.array(fc.record({ minutes: fc.nat(9 * 24 * 60), action: fc.constantFrom("a", "a.b", "b") }), {
      maxLength: 60,
    });
    const filter = fc.constantFrom(
      {},
      { actor: "user:ada" },
      { action: "a" },
      { action: "a.*" },
      { outcome: "success" },
    );
    await fc.assert(
      fc.asyncProperty(
        events,
        filter,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 5 }),
        async (given, by, limit, most) => {
          const store = memoryStore(most);
          const before = new Map<string, string>();
          for (const { minutes, action } of given)
            before.set(await add(store, NOW - minutes * 60_000, { action }), action);
          const expected = [...before]
            .filter(([id, action]) => id >= lowestId(NOW - 7 * DAY) && isWanted(action, by))
            .map(([id]) => id);
          let clock = NOW;
          const between = async () => {
            clock += HOUR;
            await add(store, clock, { action: "a" });
          };
          const found = await walk(store, { ...by, limit: String(limit) }, between, () => clock);
          expect(found.filter((id) => before.has(id))).toEqual(expected.toSorted().toReversed());
          expect(new Set(found).size).toBe(found.length);
        },
      ),
      sampled({ suite: 60, soak: 5000 }),
    );
  });
});

describe("an event", () => {
  it("is found by its id, only in its own tenant", async () => {
    const store = memoryStore();
    const id = await add(store, NOW);
    expect(await find("acme", id, store)).toMatchObject({ id, tenant: "acme" });
    await expect(find("globex", id, store)).rejects.toMatchObject({ kind: "not-found", code: "audit.not-found" });
  });

  it.each(["", "x", newId(NOW), "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", newId(NOW).toLowerCase(), "../events"])(
    "of id %j is not found",
    async (id) => {
      await expect(find("acme", id, memoryStore())).rejects.toMatchObject({ kind: "not-found" });
    },
  );
});

function isWanted(action: string, by: Record<string, string>): boolean {
  if (by.action === "a") return action === "a";
  return by.action === "a.*" ? action.startsWith("a.") : true;
}

function cursorOf(id: string, from: number): string {
  return Buffer.from(`${id}.${from}`).toString("base64url");
}
