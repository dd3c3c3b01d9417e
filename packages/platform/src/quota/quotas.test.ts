import { describe, expect, it } from "vitest";

import { type Charge, chargesOf, checkQuotas, type Quotas, takeQuota } from "./quotas";

const person = { type: "user" as const, id: "ada", client: "web" };
const machine = { type: "client" as const, id: "m1", client: "m1", tenant: "acme" };
const now = Date.parse("2026-11-23T09:30:00.000Z");

describe("the charges of a request", () => {
  const every = { requestsPerMinute: 1, requestsPerDay: 2, unitsPerMinute: 3, unitsPerDay: 4 };
  const all: Quotas = { tenant: every, client: every, user: every };
  const keysOf = (charges: Charge[]) => charges.map(({ key }) => key);

  it.each<[string, Quotas, typeof person | typeof machine, string[]]>([
    ["a person", all, person, ["user#ada#2026-11-23T09:30", "user#ada#2026-11-23"]],
    [
      "a machine client of a tenant: minutes first, the client first",
      all,
      machine,
      ["client#m1#2026-11-23T09:30", "tenant#acme#2026-11-23T09:30", "client#m1#2026-11-23", "tenant#acme#2026-11-23"],
    ],
    ["a caller whose kind has no quota", { client: every }, person, []],
    ["a quota without limits", { user: {} }, person, []],
  ])("follow from who calls: %s", (_title, quotas, caller, keys) => {
    expect(keysOf(chargesOf(quotas, caller, 1, now))).toEqual(keys);
  });

  it.each([
    [0, [1], [2]],
    [25, [1, 3], [2, 4]],
  ])("are requests, and units where the request takes %i of them", (units, minute, day) => {
    const limits = chargesOf({ user: every }, person, units, now).map(({ amounts }) => amounts.map((one) => one.limit));
    expect(limits).toEqual([minute, day]);
  });

  it.each([
    ["2026-11-23T09:30:00.000Z", "2026-11-23T09:31:00Z", "2026-11-24T00:00:00Z"],
    ["2026-11-23T23:59:59.999Z", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"],
  ])("at %s are counted until %s and %s", (time, minute, day) => {
    const ends = chargesOf({ user: every }, person, 1, Date.parse(time)).map(({ end }) => end * 1000);
    expect(ends).toEqual([Date.parse(minute), Date.parse(day)]);
  });
});

describe("takeQuota", () => {
  const quotas: Quotas = { client: { requestsPerMinute: 5 }, tenant: { requestsPerMinute: 9, unitsPerMinute: 10 } };
  const taking = async (full: string[], units: number) => {
    const asked: string[] = [];
    const count = async ({ owner }: Charge) => {
      asked.push(owner);
      return full.includes(owner) ? ("full" as const) : ("counted" as const);
    };
    const outcome = await takeQuota({ quotas, count }, machine, units, now).catch((error: Error) => error);
    return { asked, outcome };
  };

  it("takes nothing from the tenant for a client that is over its own quota", async () => {
    expect((await taking(["client"], 1)).asked).toEqual(["client"]);
    expect((await taking([], 1)).asked).toEqual(["client", "tenant"]);
  });

  it.each([
    [10, ["client", "tenant"]],
    [11, ["client"]],
  ])("asks the counter of 10 units only for what can fit: %i units", async (units, asked) => {
    const { asked: found, outcome } = await taking([], units);
    expect(found).toEqual(asked);
    if (units > 10)
      expect(outcome).toMatchObject({
        kind: "limit",
        retryAfter: 60,
        message: "The tenant's quota of 9 requests and 10 units per minute has no room for this request of 11 units.",
      });
  });
});

describe("checkQuotas", () => {
  // 1,000 write units a second for one item:
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
  it.each<[Quotas, string?]>([
    [{ tenant: { requestsPerMinute: 60_000, unitsPerDay: 1 } }],
    [{ tenant: { requestsPerMinute: 60_001 } }, "quota tenant.requestsPerMinute: expected at most 60000, found 60001"],
    [{ user: { unitsPerDay: 0 } }, "quota user.unitsPerDay: expected a positive whole number, found 0"],
    [{ client: { requestsPerDay: 1.5 } }, "quota client.requestsPerDay: expected a positive whole number, found 1.5"],
  ])("%j", (quotas, message) => {
    if (message === undefined) expect(checkQuotas(quotas)).toBe(quotas);
    else expect(() => checkQuotas(quotas)).toThrow(message);
  });
});
