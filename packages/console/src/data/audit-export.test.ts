import type { ListedAuditEvent } from "@secure-backend/core/audit/event";
import { expect, it } from "vitest";

import { auditCsvOf, collect, detailed, MOST_EVENTS, ndjsonOf } from "./audit-export";

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

it("writes a row an event, with nothing that a spreadsheet would run", () => {
  expect(auditCsvOf([event]).split("\r\n")).toEqual([
    "id,recordedAt,occurredAt,action,outcome,actor,actorName,targets,requestId",
    `01,2026-11-23T09:30:01Z,2026-11-23T09:30:00Z,invoice.paid,success,user:ada,"'=HYPERLINK(1)",invoice:42 invoice:43,"'-r"`,
    "",
  ]);
});

it("has every field where the events have it", async () => {
  const full = { ...event, tenant: "acme", sourceIp: "203.0.113.7", metadata: { amount: "=1+1" } };
  const waits: number[] = [];
  const told: number[] = [];
  const events = await detailed(
    Array.from({ length: 11 }, (_, at) => ({ ...event, id: `${at}` })),
    async (id) => ({ ...full, id }),
    (count) => told.push(count),
    async (milliseconds) => waits.push(milliseconds),
  );
  expect(events.map(({ id }) => id)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  expect(told).toEqual([10, 11]);
  expect(waits).toEqual([250, 250]); // ten at once, 40 a second
  const [head, first] = auditCsvOf(events).split("\r\n");
  expect(head?.split(",").slice(9)).toEqual(["tenant", "sourceIp", "userAgent", "targetNames", "metadata"]);
  expect(first).toMatch(/,acme,203\.0\.113\.7,,,"\{""amount"":""=1\+1""\}"$/);
});

it("writes a line an event", () => {
  expect(
    ndjsonOf([event, event])
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([event, event]);
});

it("follows the cursors to the end, also over an empty page", async () => {
  const pages = [{ items: [event], cursor: "a" }, { items: [], cursor: "b" }, { items: [event] }];
  const asked: (string | undefined)[] = [];
  const found = await collect(
    async (cursor) => {
      asked.push(cursor);
      return pages[asked.length - 1] ?? { items: [] };
    },
    () => {},
  );
  expect([found.events.length, found.complete, asked]).toEqual([2, true, [undefined, "a", "b"]]);
});

it("says where there are more events than one export holds", async () => {
  const page = Array.from({ length: 200 }, () => event);
  const pages = (most: number) => {
    let left = most / 200;
    return async () => (--left > 0 ? { items: page, cursor: "more" } : { items: page });
  };
  const all = await collect(pages(MOST_EVENTS), () => {});
  expect([all.events.length, all.complete]).toEqual([MOST_EVENTS, true]);
  const some = await collect(pages(MOST_EVENTS + 200), () => {});
  expect([some.events.length, some.complete]).toEqual([MOST_EVENTS, false]);
});
