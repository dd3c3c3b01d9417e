import type { AuditEvent, ListedAuditEvent } from "@backend/core/audit/event";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../data/problem";
import type { AuditPage } from "./api";
import { auditCsvOf, collect, MAX_EVENTS, ndjsonOf, newCollection } from "./collection";

const event: ListedAuditEvent = {
  id: "01",
  action: "invoice.paid",
  actor: { type: "user", id: "ada", name: "=HYPERLINK(1)" },
  targets: [
    { type: "invoice", id: "42" },
    { type: "invoice", id: "43" },
  ],
  outcome: "success",
  occurredAt: "2026-11-23T09:30:00Z",
  recordedAt: "2026-11-23T09:30:01Z",
  requestId: "-r",
};

describe("a table", () => {
  it("has a row for each event, without formulas", () => {
    expect(auditCsvOf([event]).split("\r\n")).toEqual([
      "id,recordedAt,occurredAt,action,outcome,actor,actorName,targets,requestId",
      `01,2026-11-23T09:30:01Z,2026-11-23T09:30:00Z,invoice.paid,success,user:ada,"'=HYPERLINK(1)",` +
        `"[""invoice:42"",""invoice:43""]","'-r"`,
      "",
    ]);
  });

  it("keeps targets apart if their ids have spaces, colons and separators", () => {
    const targets = [
      { type: "doc", id: "a b:c" },
      { type: "doc", id: 'x; y, "z"' },
    ];
    const [, row = ""] = auditCsvOf([{ ...event, targets }]).split("\r\n");
    const [, cell = ""] = /"(\[.*\])"/.exec(row) ?? [];
    expect(JSON.parse(cell.replaceAll('""', '"'))).toEqual(["doc:a b:c", 'doc:x; y, "z"']);
  });

  it("has all fields if the events have them", () => {
    const recordedBy = { type: "user", id: "ada-sub", client: "web" } as const;
    const full = { ...event, tenant: "acme", recordedBy, sourceIp: "203.0.113.7", metadata: { amount: "=1+1" } };
    const [head = "", first = ""] = auditCsvOf([full, full]).split("\r\n");
    expect(head.split(",").slice(9)).toEqual([
      ...["tenant", "recordedBy", "recordedByClient", "sourceIp", "userAgent", "targetNames", "metadata"],
    ]);
    expect(first).toContain(',acme,user:ada-sub,web,203.0.113.7,,"["""",""""]",');
    expect(first).toMatch(/"\{""amount"":""=1\+1""\}"$/);
  });

  it("has an empty cell for an event without `recordedBy`", () => {
    const { recordedBy: _removed, ...old } = {
      ...event,
      tenant: "acme",
      recordedBy: undefined,
      sourceIp: "-",
      metadata: {},
    };
    expect(auditCsvOf([old as unknown as AuditEvent])).toContain(",acme,,,");
  });
});

it("writes a line for each event", () => {
  const lines = ndjsonOf([event, event]).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([event, event]);
});

describe("a collection", () => {
  const options = { onProgress: () => {}, pause: async () => {} };
  const busy = () => new ApiError("problem", "The audit trail cannot be reached.", { status: 503 });
  /** Three pages. The first requests fail with these errors. */
  function pages(failures: (ApiError | DOMException)[] = []) {
    const requested: (string | undefined)[] = [];
    const following: Record<string, AuditPage> = { "": { items: [event], cursor: "a" }, a: { items: [], cursor: "b" } };
    const read = async (cursor: string | undefined) => {
      requested.push(cursor);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return following[cursor ?? ""] ?? { items: [event] };
    };
    return { read, requested };
  }

  it("follows cursors to the end, with one request per page, past an empty page", async () => {
    const { read, requested } = pages();
    const collection = newCollection();
    expect(await collect(read, collection, options)).toBe(true);
    expect([collection.events.length, requested]).toEqual([2, [undefined, "a", "b"]]);
  });

  it("retries a page with growing pauses after a retryable error", async () => {
    const { read, requested } = pages([
      busy(),
      new ApiError("gateway", "Too many requests", { status: 429 }),
      new ApiError("unreachable", "no response"),
    ]);
    const pauses: number[] = [];
    const collection = newCollection();
    const pause = async (milliseconds: number) => pauses.push(milliseconds);
    expect(await collect(read, collection, { ...options, pause })).toBe(true);
    expect([pauses, requested]).toEqual([
      [500, 1_000, 2_000],
      [undefined, undefined, undefined, undefined, "a", "b"],
    ]);
    expect(collection.events).toHaveLength(2);
  });

  it("keeps its events after a failure, and continues from there", async () => {
    const failing = pages();
    const broken = async (cursor: string | undefined) => {
      if (cursor === "b") throw busy();
      return await failing.read(cursor);
    };
    const collection = newCollection();
    await expect(collect(broken, collection, options)).rejects.toThrow("cannot be reached");
    expect(collection.events).toHaveLength(1);
    const { read, requested } = pages();
    expect(await collect(read, collection, options)).toBe(true);
    expect([collection.events.length, requested]).toEqual([2, ["b"]]);
  });

  it.each([
    ["invalid input", new ApiError("problem", "Invalid input", { status: 400 })],
    ["an expired token", new ApiError("gateway", "Your token has expired.", { status: 401 })],
    ["an abort", new DOMException("aborted", "AbortError")],
  ])("does not retry after %s", async (_title, failure) => {
    const { read, requested } = pages([failure]);
    await expect(collect(read, newCollection(), options)).rejects.toBe(failure);
    expect(requested).toHaveLength(1);
  });

  it("reports that there are more events than one export holds", async () => {
    const page = Array.from({ length: 200 }, () => event);
    const endingAfter = (count: number) => {
      let left = count / 200;
      return async () => (--left > 0 ? { items: page, cursor: "more" } : { items: page });
    };
    const [all, some] = [newCollection(), newCollection()];
    expect(await collect(endingAfter(MAX_EVENTS), all, options)).toBe(true);
    expect(await collect(endingAfter(MAX_EVENTS + 200), some, options)).toBe(false);
    expect([all.events.length, some.events.length]).toEqual([MAX_EVENTS, MAX_EVENTS]);
  });

  it("stops before large events exhaust the browser's memory", async () => {
    const metadata = { text: "x".repeat(60_000) };
    const full = { ...event, tenant: "acme", metadata } as unknown as AuditEvent;
    const collection = newCollection();
    const read = async () => ({ items: Array.from({ length: 40 }, () => full), cursor: "more" });
    expect(await collect(read, collection, options)).toBe(false);
    expect(collection.events.length).toBeLessThan(4_000);
  });
});
