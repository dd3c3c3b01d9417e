import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { createLogsApi } from "./api";
import { openLogGroups } from "./groups";
import { openLogs } from "./service";

/** Files opened for reading, and the maximum open at the same time. */
const opened = vi.hoisted(() => ({ files: [] as string[], now: 0, most: 0 }));
vi.mock("node:fs/promises", async (original) => {
  const fs = await original<typeof import("node:fs/promises")>();
  return {
    ...fs,
    async open(file: string) {
      opened.files.push(file);
      opened.most = Math.max(opened.most, ++opened.now);
      const handle = await fs.open(file);
      const close = handle.close.bind(handle);
      handle.close = () => {
        opened.now--;
        return close();
      };
      return handle;
    },
  };
});

const STREAMS = 1500;
const name = (index: number) => `2026/11/27/[$LATEST]${String(index).padStart(32, "0")}`;

let folder: string;
let call: (operation: string, input: Record<string, unknown>) => Promise<Record<string, unknown[]>>;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "many-streams-"));
  const logs = openLogs(folder);
  const place = { region: "eu-west-1", accountId: "000000000000" };
  const handle = createLogsApi([{ name: "/aws/lambda/f" }], openLogGroups(folder), logs, place);
  call = async (operation, input) => JSON.parse((await handle({ service: "logs", operation, input, body: "" })).body);
  for (let index = 0; index < STREAMS; index++) {
    const { file } = logs.createStream("/aws/lambda/f", name(index));
    appendFileSync(file, `{"timestamp":${1000 + index},"message":"${index}"}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const messages = async (input: object) => {
  opened.files = [];
  const { events = [] } = await call("FilterLogEvents", { logGroupName: "/aws/lambda/f", ...input });
  return (events as { message: string }[]).map(({ message }) => Number(message));
};

it(
  "a search of many streams opens few files at once, and later only changed files and those with " + "matches",
  async () => {
    const all = Array.from({ length: STREAMS }, (_, index) => index);
    expect(await messages({})).toEqual(all);
    expect(opened.most).toBeLessThanOrEqual(16);
    expect(await messages({ startTime: 1_000_000 })).toEqual([]);
    expect(opened.files).toEqual([]);
    expect(await messages({ startTime: 1003, endTime: 1004 })).toEqual([3, 4]);
    expect(opened.files).toHaveLength(2);
    expect(await messages({ limit: 2 })).toEqual([0, 1]);
    expect(opened.files.length).toBeLessThan(10);
    appendFileSync(
      path.join(folder, "aws/lambda/f", `${encodeURIComponent("2026/11/27/")}[$LATEST]${"0".repeat(32)}.ndjson`),
      '{"timestamp":1000000,"message":"9999"}\n',
    );
    expect(await messages({ startTime: 1_000_000 })).toEqual([9999]);
    expect(new Set(opened.files).size).toBe(1);
  },
);

it("a page of descriptions opens only its own streams", async () => {
  opened.files = [];
  const fresh = createLogsApi([], openLogGroups(folder), openLogs(folder), { region: "eu-west-1", accountId: "0" });
  const input = { logGroupName: "/aws/lambda/f", limit: 3, descending: true };
  const { body } = await fresh({ service: "logs", operation: "DescribeLogStreams", input, body: "" });
  const { logStreams } = JSON.parse(body) as { logStreams: { logStreamName: string }[] };
  expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual([1499, 1498, 1497].map(name));
  expect(opened.files).toHaveLength(3);
});
