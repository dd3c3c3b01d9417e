import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

import { openTables, type TableCall, UnavailableError } from "./store";
import type { TableDeclaration } from "./table";

const folder = mkdtempSync(path.join(tmpdir(), "tables-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.useRealTimers());

const Things: TableDeclaration = {
  name: "Things",
  arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/Things",
  create: {
    TableName: "Things",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  },
  digest: "1",
  timeToLive: undefined,
  hasPointInTimeRecovery: false,
  tags: {},
};
const callOf = (operation: string, input: object): TableCall => ({
  operation,
  body: JSON.stringify({ TableName: "Things", ...input }),
  tables: [Things],
  names: ["Things"],
});
const get = callOf("GetItem", { Key: { pk: { S: "a" } } });

/** A stand-in for the thread of the tables. The name of the operation decides what it does. */
const thread = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ id, operation }) => {
      const answer = { id, status: 200, body: "{}", crc32: "1" };
      if (operation === "Hang") for (;;);
      if (operation === "Exit") process.exit(3);
      if (operation === "Throw") throw new Error("thrown in the thread");
      if (operation === "Fill") for (const arrays = []; ; ) arrays.push(new Array(100_000).fill(id));
      if (operation === "Malformed") {
        const reports = [undefined, 1, "text", {}, { id: -1 }, { id, status: "200" }];
        for (const report of reports) parentPort.postMessage(report);
      }
      if (operation === "Answer") parentPort.postMessage(answer);
    });
  `)}`,
);
const open = (more: object = {}) => openTables(folder, "eu-west-1", () => undefined, { worker: thread, ...more });
const answer = callOf("Answer", {});

describe("the thread of the tables", () => {
  it("is ended after a call that hangs, and the next call works", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const tables = open({ callLimitMs: 5000 });
    const hanging = expect(tables.call(callOf("Hang", {}))).rejects.toThrow("Hang took longer than 5000 ms");
    await vi.advanceTimersByTimeAsync(5000);
    await hanging;
    expect((await tables.call(answer)).status).toBe(200);
    await tables.close();
  });

  it.each([
    ["Exit", "the thread of the tables has ended"],
    ["Throw", "thrown in the thread"],
    ["Fill", "ERR_WORKER_OUT_OF_MEMORY"],
    ["Malformed", "an invalid result"],
  ])("may fail (%s): pending calls reject, and the next call works", async (operation, reason) => {
    const tables = open({ resourceLimits: { maxOldGenerationSizeMb: 24 } });
    await expect(tables.call(callOf(operation, {}))).rejects.toThrow(reason);
    expect((await tables.call(answer)).status).toBe(200);
    await tables.close();
  });

  it("may be closed during calls: they reject, and so do later ones", async () => {
    const tables = open();
    const waiting = [tables.call(callOf("Hang", {})), tables.call(answer)];
    const settled = Promise.allSettled(waiting);
    await tables.close();
    for (const outcome of await settled) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message: "the tables have been closed" } });
    }
    await expect(tables.call(answer)).rejects.toThrow("the tables have been closed");
    await tables.close();
  });

  it("may fail to start", async () => {
    const tables = open({ worker: new URL("data:text/javascript,throw%20new%20Error('no')") });
    await expect(tables.call(answer)).rejects.toThrow("no");
    await tables.close();
  });
});

describe("tables", () => {
  it("can be closed while they are opening", async () => {
    const tables = openTables(folder, "eu-west-1", () => undefined);
    const opening = tables.call(get);
    const settled = Promise.allSettled([opening]);
    await tables.close();
    expect((await settled)[0]?.status).toBe("rejected");
  });

  it("are opened once for concurrent first calls", async () => {
    const fresh = path.join(folder, "fresh");
    const tables = openTables(fresh, "eu-west-1", () => undefined);
    const answers = await Promise.all(Array.from({ length: 30 }, () => tables.call(get)));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    for (let time = 0; time < 3; time++) {
      rmSync(path.join(fresh, "Things.1"), { recursive: true });
      const again = await Promise.all(Array.from({ length: 30 }, () => tables.call(get)));
      expect(again.map(({ status }) => status)).toEqual(Array(30).fill(200));
    }
    await tables.close();
  });

  it("start empty if keys or indexes have changed, and the former items stay on disk", async () => {
    const notices: string[] = [];
    const tables = openTables(folder, "eu-west-1", (text) => notices.push(text));
    await tables.call(callOf("PutItem", { Item: { pk: { S: "a" } } }));
    expect((await tables.call(get)).body).toContain('"Item"');
    expect((await tables.call({ ...get, tables: [{ ...Things, digest: "2" }] })).body).toBe("{}");
    expect(notices).toEqual([
      "Table Things starts empty, because its keys or indexes have changed. Its items stay in Things.1.",
    ]);
    expect((await tables.call(get)).body).toContain('"Item"');
    await tables.close();
  });

  it("fail a request that is not an object, without a report about a folder", async () => {
    const notices: string[] = [];
    const tables = openTables(folder, "eu-west-1", (text) => notices.push(text));
    for (const body of ["", "null", "{"]) {
      const outcome = await tables.call({ ...get, body }).catch((error: Error) => error);
      expect(outcome, body).toBeInstanceOf(Error);
    }
    expect((await tables.call(get)).status).toBe(200);
    expect(notices).toEqual([]);
    await tables.close();
  });

  // A directory in place of the next file, which LevelDB writes only after a restart or some
  // megabytes.
  it("fail with the disk, report that, and are opened again", async () => {
    const broken = path.join(folder, "broken");
    const notices: string[] = [];
    const tables = openTables(broken, "eu-west-1", (text) => notices.push(text));
    const put = (pk: string) =>
      tables.call(callOf("PutItem", { Item: { pk: { S: pk }, text: { S: "x".repeat(300_000) } } }));
    await put("first");
    for (let number = 4; number < 40; number++) {
      mkdirSync(path.join(broken, "Things.1", `${String(number).padStart(6, "0")}.log`), { recursive: true });
      mkdirSync(path.join(broken, "Things.1", `${String(number).padStart(6, "0")}.ldb`), { recursive: true });
    }
    const outcomes = [];
    for (let count = 0; count < 40; count++) outcomes.push(await put(`many${count}`).catch((error: Error) => error));
    expect(outcomes.some((outcome) => outcome instanceof UnavailableError)).toBe(true);
    expect(notices).toContainEqual(expect.stringContaining("Things.1 cannot be used"));
    rmSync(path.join(broken, "Things.1"), { recursive: true });
    expect((await put("first")).status).toBe(200);
    await tables.close();
  });
});
