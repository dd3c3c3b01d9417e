import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { memoryStore } from "@backend/core/audit/memory-store";
import { OPERATIONS } from "@backend/core/operations";
import { idFactory } from "@backend/platform/id";
import { lambdaContext } from "@backend/testing/event";
import { type RouteRequest, routeEvent } from "@backend/testing/route-event";
import { sampled } from "@backend/testing/sampling";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { declaredTables } from "../../test/declared-tables";
import { auditStore } from "./store";

vi.hoisted(() => {
  Object.assign(process.env, {
    AUDIT_TABLE: "audit",
    AUDIT_RETENTION_DAYS: "30",
    AWS_REGION: "eu-west-1",
  });
});
const { recordEvents } = await import("./record-events");
const { readEvents } = await import("./read-events");

const claims = {
  token_use: "access",
  sub: "machine",
  client_id: "machine",
  scope: "audit/write audit/read tenant/acme",
};

let tables: Awaited<ReturnType<typeof declaredTables>>;
let audit: string;
beforeAll(async () => {
  tables = await declaredTables();
  audit = tables.nameOf("Audit");
});
afterAll(() => tables.close());
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => {});
});

const dependencies = (store = auditStore(tables.client, audit)) => ({
  store,
  newId: idFactory(),
  now: Date.now,
  retentionDays: 30,
});

async function call(routeKey: string, request: RouteRequest = {}, store = dependencies().store) {
  const handler = routeKey.startsWith("POST") ? recordEvents(dependencies(store)) : readEvents(store, Date.now);
  const event = routeEvent(routeKey, { as: claims, ...request });
  const { statusCode, body: text = "" } = await handler(event, lambdaContext);
  return { status: statusCode, body: JSON.parse(text) };
}

const event = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada" },
  targets: [{ type: "invoice", id: "42" }],
  outcome: "success",
  occurredAt: "2026-11-23T09:30:00Z",
  metadata: { amount: "12.50", note: "" },
};

describe("every example of the documentation", () => {
  const examples = Object.entries(OPERATIONS).flatMap(([key, { examples }]) =>
    key.includes(" /events") ? Object.entries(examples).map(([name, example]) => [key, name, example] as const) : [],
  );
  it.each(examples)("%s, %s", async (key, _name, { status, summary: _summary, ...request }) => {
    expect((await call(key, request)).status).toBe(status);
  });
});

describe("the audit trail in DynamoDB", () => {
  it("returns an event by its id, and its list fields in lists", async () => {
    const { body: recorded } = await call("POST /events", { body: event });
    expect(recorded).toMatchObject({ ...event, tenant: "acme" });
    expect(await call("GET /events/{id}", { path: { id: recorded.id } })).toEqual({ status: 200, body: recorded });
    const { metadata, tenant, sourceIp, userAgent, recordedBy, ...listed } = recorded;
    for (const query of [{}, { actor: "user:ada" }, { action: "invoice.paid" }]) {
      expect((await call("GET /events", { query: { ...query, limit: "1" } })).body.items).toEqual([listed]);
    }
  });

  it("stores an event in the partition of the tenant's day, with its expiry", async () => {
    const { body: recorded } = await call("POST /events", { body: { ...event, action: "kept.here" } });
    const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: audit }));
    const item = Items.map((found) => unmarshall(found)).find(({ sk }) => sk === recorded.id);
    expect(item).toMatchObject({
      pk: `acme#${recorded.recordedAt.slice(0, 10)}`,
      actorKey: "acme#user:ada",
      actionKey: "acme#kept.here",
      expiresAt: Math.floor(Date.parse(recorded.recordedAt) / 1000) + 30 * 86_400,
    });
  });

  it("lists all fields on request, from the table and from the indexes", async () => {
    const full = { ...event, action: "every.field", actor: { type: "user", id: "eve" } };
    const ids: string[] = [];
    for (let index = 0; index < 3; index++) ids.unshift((await call("POST /events", { body: full })).body.id);
    const whole = await Promise.all(ids.map(async (id) => (await call("GET /events/{id}", { path: { id } })).body));
    expect(whole[0]).toMatchObject({ metadata: event.metadata, recordedBy: { type: "client", id: "machine" } });
    for (const query of [{}, { actor: "user:eve" }, { action: "every.field" }, { action: "every.*" }]) {
      const { body } = await call("GET /events", { query: { ...query, fields: "all", limit: "3" } });
      expect(body.items).toEqual(whole);
    }
  });

  it("pages through more events than DynamoDB returns at once", async () => {
    const large = {
      ...event,
      action: "large.event",
      metadata: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, "x".repeat(4000)])),
    };
    for (let batch = 0; batch < 3; batch++) {
      expect((await call("POST /events", { body: Array(25).fill(large) })).status).toBe(201);
    }
    const { body } = await call("GET /events", { query: { action: "large.*", limit: "200" } }); // 3.6 MB, 1 MB a page
    expect(body.items).toHaveLength(75);
    expect(new Set(body.items.map(({ id }: { id: string }) => id)).size).toBe(75);
  });

  it("stores one event for a key, even if ten requests arrive at once", async () => {
    const headers = { "idempotency-key": "at-once" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => call("POST /events", { body: event, headers })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it("completes a request after a crash between the two writes, and rejects a different body", async () => {
    const headers = { "idempotency-key": "crash" };
    const real = auditStore(tables.client, audit);
    const crashing = { ...real, put: () => Promise.reject(new Error("the function was stopped")) };
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect((await call("POST /events", { body: [event, event], headers }, crashing)).status).toBe(500);
    const { status, body } = await call("POST /events", { body: [event, event], headers });
    expect([status, body.items.length]).toEqual([201, 2]);
    expect((await call("POST /events", { body: [event, event], headers })).body).toEqual(body);
    expect((await call("POST /events", { body: event, headers })).status).toBe(422);
  });

  it("replaces a claim only for the first of two readers", async () => {
    const store = auditStore(tables.client, audit);
    const claim = { tenant: "acme", key: "renewed", eventIds: ["a"], bodyHash: "b", expiresAt: 1000 };
    await store.claim(claim, 0);
    expect(await store.renew({ ...claim, eventIds: ["c"], expiresAt: 1500 }, claim)).toBe(true);
    expect(await store.renew({ ...claim, eventIds: ["d"], expiresAt: 1600 }, claim)).toBe(false);
    expect(await store.claim(claim, 0)).toMatchObject({ eventIds: ["c"], expiresAt: 1500 });
  });

  it("accepts an expired key, even if its item still exists", async () => {
    const store = auditStore(tables.client, audit);
    const claim = { tenant: "acme", key: "old", eventIds: ["a"], bodyHash: "b", expiresAt: 1000 };
    expect(await store.claim(claim, 999)).toBeUndefined();
    expect(await store.claim({ ...claim, eventIds: ["c"] }, 999)).toMatchObject({ eventIds: ["a"] });
    expect(await store.claim({ ...claim, eventIds: ["d"], expiresAt: 2000 }, 1000)).toBeUndefined();
    expect(await store.claim(claim, 1000)).toMatchObject({ eventIds: ["d"] });
  });

  it("does not overwrite an event", async () => {
    const { body: recorded } = await call("POST /events", { body: event });
    const store = auditStore(tables.client, audit);
    expect(await store.put({ ...recorded, outcome: "denied" }, 0)).toBe(false);
    expect(await store.get("acme", recorded.id)).toEqual(recorded);
  });

  it("returns 503 if it is unavailable, and logs why", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const unreachable = auditStore(
      {
        send: () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })),
      } as never,
      "audit",
    );
    const { status, body } = await call("POST /events", { body: event }, unreachable);
    expect([status, body.type]).toEqual([503, "urn:problem-type:store.unavailable"]);
    expect(JSON.stringify(body)).not.toContain("ECONNREFUSED");
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ error: expect.objectContaining({ message: "connect ECONNREFUSED" }) }),
    );
  });

  it("returns 500 if the table does not exist", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { status } = await call("GET /events", {}, auditStore(tables.client, "nowhere"));
    expect(status).toBe(500);
  });

  it("reports which events of a list could not be stored", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.stubEnv("METRICS_NAMESPACE", "App/dev");
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const store = memoryStore();
    store.failPuts(1);
    const { status, body } = await call("POST /events", { body: [event, event] }, store);
    vi.unstubAllEnvs();
    expect([status, body.items.map((item: { status: number }) => item.status)]).toEqual([207, [503, 201]]);
    const [metrics] = written.mock.calls.flatMap(([line]) => JSON.parse(String(line)));
    expect(metrics).toMatchObject({ Operation: "recordEvents", UnitsRecorded: 1, UnitsFailed: 1 });
  });
});

describe("a caller", () => {
  const person = {
    token_use: "access",
    sub: "ada",
    username: "ada",
    client_id: "web",
    scope: "audit/write audit/read tenant/acme",
  };
  it.each<[string, Record<string, string> | null, number, number]>([
    ["without a token", null, 401, 401],
    ["without a group", person, 403, 403],
    ["in two tenants", { ...person, "cognito:groups": "[writers tenant:acme tenant:globex]" }, 400, 400],
    ["in a tenant, but no writer", { ...person, "cognito:groups": "[tenant:acme]" }, 403, 200],
    ["who is a writer in a tenant", { ...person, "cognito:groups": "[writers tenant:acme]" }, 201, 200],
    ["that is a machine without a tenant", { ...claims, scope: "audit/write audit/read" }, 403, 403],
    ["with an ID token", { ...person, token_use: "id", "cognito:groups": "[writers tenant:acme]" }, 403, 403],
  ])("%s gets (%j) %i for writes, %i for reads", async (_title, as, write, read) => {
    expect((await call("POST /events", { body: event, as })).status).toBe(write);
    expect((await call("GET /events", { as })).status).toBe(read);
    expect((await call("GET /events/{id}", { as, path: { id: "x" } })).status).toBe(read === 200 ? 404 : read);
  });

  it.each<[string, Record<string, string>, object]>([
    [
      "a person by `sub`, with the client that they used",
      { ...person, sub: "ada-sub", "cognito:groups": "[writers tenant:acme]" },
      { type: "user", id: "ada-sub", client: "web" },
    ],
    ["a machine by its client id", claims, { type: "client", id: "machine", client: "machine" }],
  ])("is the recorder of its events: %s", async (_title, as, recordedBy) => {
    const { body: recorded } = await call("POST /events", { body: event, as });
    expect(recorded).toMatchObject({ actor: event.actor, recordedBy });
    expect((await call("GET /events/{id}", { path: { id: recorded.id } })).body.recordedBy).toEqual(recordedBy);
  });

  it("cannot set who recorded an event, and needs a token with a client", async () => {
    const recordedBy = { type: "user", id: "eve", client: "web" };
    const { status, body } = await call("POST /events", { body: { ...event, recordedBy } });
    expect([status, body.errors]).toEqual([400, [{ pointer: "/recordedBy", detail: "is not a known property" }]]);
    const { client_id: _client, ...nameless } = { ...person, "cognito:groups": "[writers tenant:acme]" };
    const rejected = await call("POST /events", { body: event, as: nameless });
    expect([rejected.status, rejected.body.type]).toEqual([403, "urn:problem-type:access.token"]);
  });

  it("of another tenant sees nothing, by id, cursor or actor", async () => {
    const globex = { ...person, "cognito:groups": "[writers tenant:globex]" };
    const { body: mine } = await call("POST /events", { body: event });
    const { body: page } = await call("GET /events", { query: { limit: "1" } });
    expect((await call("GET /events/{id}", { as: globex, path: { id: mine.id } })).status).toBe(404);
    expect((await call("GET /events", { as: globex, query: { cursor: page.cursor } })).body.items).toEqual([]);
    expect((await call("GET /events", { as: globex, query: { actor: "user:ada" } })).body.items).toEqual([]);
    expect((await call("POST /events", { as: globex, body: { ...event, tenant: "acme" } })).status).toBe(400);
  });

  it("gets 400 for a repeated parameter", async () => {
    const { status, body } = await call("GET /events", { query: { limit: "1" } });
    expect(status).toBe(200);
    expect(body.items).toHaveLength(1);
    const store = memoryStore();
    const handler = readEvents(store, Date.now);
    const twice = routeEvent("GET /events", { as: claims });
    twice.rawQueryString = "actor=a:1&actor=b:2";
    const response = await handler(twice, lambdaContext);
    expect(JSON.parse(response.body ?? "").errors).toEqual([{ pointer: "/actor", detail: "must be given once" }]);
  });
});

describe("any input", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.constantFrom("invoice.paid", "user", "2026-11-23T09:30:00Z", "success", "__proto__"),
  );
  const party = fc.record({ type: fc.oneof(fc.constant("user"), text), id: text }, { requiredKeys: [] });
  const body = fc.oneof(
    fc.record(
      {
        action: fc.oneof(fc.constant("invoice.paid"), text),
        actor: fc.oneof(party, fc.jsonValue()),
        targets: fc.oneof(fc.array(party, { maxLength: 12 }), fc.jsonValue()),
        outcome: fc.constantFrom("success", "denied", "no"),
        occurredAt: fc.oneof(fc.constant("2026-11-23T09:30:00Z"), text),
        metadata: fc.oneof(fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z]{1,9}$/), text), text), fc.jsonValue()),
      },
      { requiredKeys: ["action", "outcome"] },
    ),
    fc.jsonValue(),
  );
  const sent = fc.oneof(body, fc.array(body, { maxLength: 3 })).map((value) => JSON.stringify(value));

  it("is stored unchanged, or rejected with a pointer", { tags: ["sampled"] }, async () => {
    let stored = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof({ arbitrary: sent, weight: 9 }, fc.string({ unit: "binary" })), async (given) => {
        const store = memoryStore();
        const { status, body: problem } = await call("POST /events", { body: given }, store);
        if (status === 201) {
          stored++;
          const sentEvents = [JSON.parse(given)].flat();
          const events = [...store.events.values()];
          expect(events).toHaveLength(sentEvents.length);
          for (const [index, one] of sentEvents.entries()) expect(events[index]).toMatchObject(one);
          return;
        }
        expect(store.events.size).toBe(0);
        expect([400, 413]).toContain(status);
        if (problem.type.endsWith("input.invalid")) expect(problem.errors[0].pointer).toMatch(/^(\/|$)/);
        else expect(problem.type).toMatch(/body\.(json|missing|too-large)$/);
      }),
      {
        ...sampled({ suite: 300, soak: 30_000 }),
        examples: [[JSON.stringify(event)], [JSON.stringify([event, event])]],
      },
    );
    expect(stored).toBeGreaterThanOrEqual(2);
  });
});
