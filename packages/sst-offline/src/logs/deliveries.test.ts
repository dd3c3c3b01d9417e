import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { openDeliveries } from "./deliveries";
import { openLogGroups } from "./groups";
import { openLogs } from "./service";

let folder: string;
let log: string;
let position: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "deliveries-"));
  position = path.join(folder, "position.json");
  log = openLogs(path.join(folder, "logs")).createStream("/g", "s").file;
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...messages: number[]) =>
  appendFileSync(log, messages.map((message) => `{"timestamp":${message},"message":{"n":${message}}}\n`).join(""));
const open = (notices: string[] = []) =>
  openDeliveries({
    file: position,
    group: "/g",
    groups: openLogGroups(path.join(folder, "logs")),
    notice: (text) => notices.push(text),
  });

/** Returns the batches of the next round. */
async function round(deliveries: Awaited<ReturnType<typeof open>>, end = true) {
  const found: number[][] = [];
  for await (const { events, done } of deliveries.next()) {
    found.push(events.map(({ timestamp }) => timestamp));
    if (end) done();
  }
  return found;
}

it("begins with log events written after its creation, including those of new streams", async () => {
  write(1, 2);
  const deliveries = await open();
  expect(await round(deliveries)).toEqual([]);
  write(3);
  expect(await round(deliveries)).toEqual([[3]]);
  log = openLogs(path.join(folder, "logs")).createStream("/g", "another").file;
  write(4);
  expect(await round(deliveries)).toEqual([[4]]);
});

// Partial counts of the traffic are named after the log events of a delivery, so a different batch
// would count them twice.
it("repeats an unfinished batch unchanged, even in another process and after more writes", async () => {
  const first = await open();
  write(1, 2);
  expect(await round(first, false)).toEqual([[1, 2]]);
  write(3);
  expect(await round(first, false)).toEqual([[1, 2]]);
  const second = await open();
  expect(await round(second)).toEqual([[1, 2]]);
  expect(await round(second)).toEqual([[3]]);
  expect(await round(await open())).toEqual([]);
});

it("waits until a line is complete", async () => {
  const deliveries = await open();
  appendFileSync(log, '{"timestamp":1,');
  expect(await round(deliveries)).toEqual([]);
  appendFileSync(log, '"message":"x"}\n');
  expect(await round(deliveries)).toEqual([[1]]);
});

it("starts again at the beginning of a file that was deleted or replaced", async () => {
  const deliveries = await open();
  write(1, 2, 3);
  expect(await round(deliveries)).toEqual([[1, 2, 3]]);
  rmSync(log);
  expect(await round(deliveries)).toEqual([]);
  writeFileSync(log, "");
  write(4);
  expect(await round(deliveries)).toEqual([[4]]);
});

it("splits a backlog into batches of about 512 KB, and does not split a longer line", async () => {
  const deliveries = await open();
  const text = "x".repeat(100_000);
  for (let n = 0; n < 12; n++) appendFileSync(log, `{"timestamp":${n},"message":"${text}"}\n`);
  appendFileSync(log, `{"timestamp":12,"message":"${"x".repeat(2_000_000)}"}\n`);
  const found = [
    ...(await round(deliveries)),
    ...(await round(deliveries)),
    ...(await round(deliveries)),
    ...(await round(deliveries)),
  ];
  expect(found).toEqual([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11], [12]]);
});

it.each([
  "",
  "null",
  "{",
  "[]",
  '{"s":1}',
  '{"s":{"inode":"1","delivered":0}}',
  '{"s":{"inode":1,"delivered":9,"pending":8}}',
])("begins at the end if its file contains %j, reports that once and writes a valid file", async (text) => {
  write(1);
  writeFileSync(position, text);
  const notices: string[] = [];
  const deliveries = await open(notices);
  expect(notices).toEqual([expect.stringContaining(position)]);
  expect(await round(deliveries)).toEqual([]);
  write(2);
  expect(await round(deliveries)).toEqual([[2]]);
  write(3);
  expect(await round(await open(notices))).toEqual([[3]]);
  expect(notices).toHaveLength(1);
});

it("begins at the end if its file is a folder", async () => {
  mkdirSync(position);
  const notices: string[] = [];
  expect(await round(await open(notices))).toEqual([]);
  expect(notices).toEqual([expect.stringContaining("it is a folder")]);
});

it("writes nothing after close", async () => {
  const deliveries = await open();
  write(1);
  for await (const { done } of deliveries.next()) {
    const before = readFileSync(position, "utf8");
    deliveries.close();
    done();
    expect(readFileSync(position, "utf8")).toBe(before);
  }
  expect(await round(await open())).toEqual([[1]]);
});

it("drops the position of a deleted stream", async () => {
  const deliveries = await open();
  write(1);
  await round(deliveries);
  rmSync(log);
  log = openLogs(path.join(folder, "logs")).createStream("/g", "another").file;
  write(2);
  await round(deliveries);
  expect(Object.keys(JSON.parse(readFileSync(position, "utf8")))).toEqual(["another"]);
});
