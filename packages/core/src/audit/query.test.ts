import { sampled } from "@secure-backend/testing/sampling";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type MemoryStore, memoryStore } from "../../test/memory-store";
import type { AuditEvent } from "./event";
import { highestId, idFactory, lowestId } from "./id";
import { find, query } from "./query";

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
      requestId: "req=",
      sourceIp: "192.0.2.1",
      metadata: {},
      ...changes,
    },
    0,
  );
  return id;
}

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
  it("finds a tenant's events, newest first, over days", async () => {
    const store = memoryStore();
    const added: string[] = [];
    for (const days of [6, 3, 1, 0]) added.push(await add(store, NOW - days * DAY));
    await add(store, NOW, { tenant: "globex" });
    expect(await ids(store)).toEqual(added.toReversed());
    expect(await ids(store, {}, "initech")).toEqual([]);
  });

  it("goes 7 days back by default, and sees what a clock ahead by 5 minutes has recorded", async () => {
    const store = memoryStore();
    await add(store, NOW - 7 * DAY - 1);
    const oldest = await add(store, NOW - 7 * DAY);
    const ahead = await add(store, NOW + 5 * 60_000);
    await add(store, NOW + 5 * 60_000 + 1);
    expect(await ids(store)).toEqual([ahead, oldest]);
  });

  it("takes both ends of its range", async () => {
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
    ["an action's beginning", { action: "invoice.*" }, ["deleted", "ada"]],
    ["an action's beginning that is no word of it", { action: "inv.*" }, []],
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
    ["a range backwards", { from: iso(NOW), to: iso(NOW - 1) }, "/from"],
    ["a range of more than 31 days", { from: iso(NOW - 31 * DAY - 1), to: iso(NOW + 5 * 60_000) }, "/from"],
    ["a time before there were ids", { from: "1969-12-31T23:00:00Z", to: "1970-01-01T00:00:00Z" }, "/from"],
    ["an actor without a type", { actor: "ada" }, "/actor"],
    ["a star within an action", { action: "a.*.b" }, "/action"],
    ["a star for any action", { action: "*" }, "/action"],
    ["an outcome that there is not", { outcome: "maybe" }, "/outcome"],
    ["a request without a range", { requestId: "a" }, "/requestId"],
    ["a request in more than an hour", { requestId: "a", from: iso(NOW - HOUR - 1), to: iso(NOW) }, "/requestId"],
    ["no cursor", { cursor: "" }, "/cursor"],
    ["a cursor of letters", { cursor: "abc" }, "/cursor"],
    ["a cursor with something behind it", { cursor: `${cursorOf(lowestId(NOW), NOW)}AA` }, "/cursor"],
    ["a cursor with a letter that ids have not", { cursor: cursorOf("I".repeat(26), NOW) }, "/cursor"],
    ["a cursor of another time's end", { cursor: cursorOf(lowestId(NOW), NOW - 40 * DAY) }, "/from"],
  ])("with %s is refused", async (_title, input, pointer) => {
    await expect(query("acme", input, memoryStore(), NOW)).rejects.toMatchObject({
      kind: "input",
      errors: [{ pointer }],
    });
  });

  it("takes a range of 31 days, and a limit of 200", async () => {
    const store = memoryStore();
    expect(await ids(store, { from: iso(NOW - 31 * DAY), to: iso(NOW), limit: "200" })).toEqual([]);
    expect(store.reads()).toBe(32); // the days that 31 times 24 hours touch
  });
});

describe("pages", () => {
  it("have no cursor where there is nothing more, and one where there is", async () => {
    const store = memoryStore();
    for (let index = 0; index < 3; index++) await add(store, NOW - index);
    expect(await query("acme", { limit: "3" }, store, NOW)).not.toHaveProperty("cursor");
    const { items, cursor } = await query("acme", { limit: "2" }, store, NOW);
    expect(items).toHaveLength(2);
    expect((await query("acme", { limit: "2", cursor: cursor ?? "" }, store, NOW)).items).toHaveLength(1);
  });

  it("of a rare filter end after a bounded number of reads, with a cursor that goes on", async () => {
    const store = memoryStore(10);
    const rare = await add(store, NOW - DAY, { outcome: "denied" });
    for (let index = 0; index < 1000; index++) await add(store, NOW - 1000);
    const first = await query("acme", { outcome: "denied" }, store, NOW);
    expect([first.items, store.reads()]).toEqual([[], 40]);
    expect(await walk(store, { outcome: "denied" })).toEqual([rare]);
  });

  it("of a cursor that somebody else had, or made, are the caller's own", async () => {
    const store = memoryStore();
    const mine = await add(store, NOW - 2000);
    const theirs = await add(store, NOW - 1000, { tenant: "globex" });
    for (const id of [theirs, highestId(NOW + 365 * DAY), highestId(NOW)]) {
      expect(await ids(store, { cursor: cursorOf(id, NOW - DAY) })).toEqual([mine]);
    }
    expect(await ids(store, { cursor: cursorOf(lowestId(NOW - 2000), NOW - DAY) })).toEqual([]);
  });

  it("of a walk have every event from before it once, whatever is recorded meanwhile and however long it takes", {
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
  it("is found by its id, in its own tenant alone", async () => {
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
