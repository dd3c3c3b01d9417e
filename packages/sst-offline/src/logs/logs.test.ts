import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { openAppend } from "./append-file.mjs";
import { openLogs } from "./service";
import { appendLines, repairTornLine } from "./stream";

/** Free bytes of the simulated disk. Like a real disk, it writes the part that fits. */
let room = Number.POSITIVE_INFINITY;
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    writeSync(descriptor: number, bytes: Buffer, offset: number) {
      if (room === 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      const written = fs.writeSync(descriptor, bytes, offset, Math.min(bytes.length - offset, room));
      room -= written;
      return written;
    },
  };
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "logs-"));
  file = path.join(folder, "log.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("appended lines", () => {
  it("are in the file, in order, once they are reported as done", async () => {
    const lines = appendLines(file);
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      for (const n of [1, 2, 3]) lines.append(`${n}\n`, () => seen.push(readFileSync(file, "utf8")) === 3 && resolve());
      expect(readFileSync(file, "utf8")).toBe("");
    });
    expect(seen).toEqual(Array(3).fill("1\n2\n3\n")); // one write for the three
    lines.close();
  });

  it("are written when the file is closed", () => {
    const lines = appendLines(file);
    let done = 0;
    lines.append("1\n", () => done++);
    lines.close();
    expect([readFileSync(file, "utf8"), done]).toEqual(["1\n", 1]);
  });

  it("that do not fit on the disk are reported, leave nothing in the file, and do not affect later lines", async () => {
    const lines = appendLines(file);
    const results: string[] = [];
    const append = (line: string) =>
      new Promise<void>((resolve) => {
        lines.append(line, (error) => {
          results.push(error?.message ?? line.trimEnd());
          resolve();
        });
      });
    await append("1\n");
    room = 3;
    await Promise.all([append("two\n"), append("three\n")]);
    room = Number.POSITIVE_INFINITY;
    await append("4\n");
    const failed = expect.stringMatching(`^${file} cannot be written: ENOSPC`);
    expect(results).toEqual(["1", failed, failed, "4"]);
    expect(readFileSync(file, "utf8")).toBe("1\n4\n");
    lines.close();
  });

  it("of a deleted file are kept until the disk has room", () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const log = openAppend(file);
    log.append("1\n");
    rmSync(file);
    now.mockReturnValue(1000);
    room = 0;
    expect(() => log.append("2\n")).toThrow("ENOSPC");
    room = Number.POSITIVE_INFINITY;
    now.mockReturnValue(2000);
    log.append("3\n");
    log.close();
    expect(readFileSync(file, "utf8")).toBe("1\n3\n");
  });

  it("that cannot be written when the file is closed are reported", () => {
    const lines = appendLines(file);
    const results: (string | undefined)[] = [];
    room = 0;
    lines.append("1\n", (error) => results.push(error?.message));
    lines.close();
    room = Number.POSITIVE_INFINITY;
    expect(results).toEqual([expect.stringContaining("ENOSPC")]);
  });

  it("come after existing lines", () => {
    writeFileSync(file, "0\n");
    const lines = appendLines(file);
    lines.append("1\n", () => {});
    lines.close();
    expect(readFileSync(file, "utf8")).toBe("0\n1\n");
  });
});

describe("an unfinished last line", () => {
  it.each([
    ["", "", 0],
    ["whole\n", "whole\n", 0],
    ['{"a":1}\n{"b', '{"a":1}\n', 3],
    ["torn", "", 4],
    ["ä\ntörn", "ä\n", 5],
  ])("of %j is removed", (text, left, cut) => {
    writeFileSync(file, text);
    expect(repairTornLine(file)).toBe(cut);
    expect(readFileSync(file, "utf8")).toBe(left);
  });

  it.each([3_000_000, 65_535, 65_536, 65_537])("is found after a line of %i bytes", (length) => {
    writeFileSync(file, `${"a".repeat(length)}\ntorn`);
    expect(repairTornLine(file)).toBe(4);
  });

  // A log event of 1 MiB may take 6 MiB as JSON:
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
  it("of megabytes is removed completely", () => {
    writeFileSync(file, `whole\n${"a".repeat(6_300_000)}`);
    expect(repairTornLine(file)).toBe(6_300_000);
    expect(readFileSync(file, "utf8")).toBe("whole\n");
  });
});

describe("log groups and streams", () => {
  it("store a log event as a line of JSON with its time, and a JSON message as an object", () => {
    const logs = openLogs(folder);
    const writer = logs.openStream("/aws/apigateway/Api/dev", "access-log");
    writer.write(5, '{"status":200}', true, () => {});
    writer.write(6, 'plain "text"', false, () => {});
    logs.close();
    expect(readFileSync(writer.file, "utf8")).toBe(
      '{"timestamp":5,"message":{"status":200}}\n{"timestamp":6,"message":"plain \\"text\\""}\n',
    );
    expect(path.relative(folder, writer.file)).toBe(path.join("aws", "apigateway", "Api", "dev", "access-log.ndjson"));
  });

  it("return the same writer for a stream that is open", () => {
    const logs = openLogs(folder);
    expect(logs.openStream("/a", "b")).toBe(logs.openStream("/a", "b"));
    logs.close();
  });

  it("append log events in order, whether the stream is open or not", async () => {
    const logs = openLogs(folder);
    await logs.put("/a", "b", [
      { timestamp: 1, message: "1" },
      { timestamp: 2, message: "2" },
    ]);
    const writer = logs.openStream("/a", "b");
    writer.write(3, "3", false, () => {});
    await logs.put("/a", "b", [{ timestamp: 4, message: "4" }]);
    const times = readFileSync(writer.file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).timestamp);
    expect(times).toEqual([1, 2, 3, 4]);
    logs.close();
  });

  it.each([false, true])("reject log events that do not fit on the disk (stream open: %s)", async (isOpen) => {
    const logs = openLogs(folder);
    const { file: log } = logs.createStream("/a", "b");
    if (isOpen) logs.openStream("/a", "b");
    room = 5;
    await expect(logs.put("/a", "b", [{ timestamp: 1, message: "1" }])).rejects.toThrow(
      `${log} cannot be written: ENOSPC`,
    );
    room = Number.POSITIVE_INFINITY;
    await logs.put("/a", "b", [{ timestamp: 2, message: "2" }]);
    expect(readFileSync(log, "utf8")).toBe('{"timestamp":2,"message":"2"}\n');
    logs.close();
  });

  it("report the bytes removed when a stream is opened", () => {
    const first = openLogs(folder);
    const { file: log } = first.openStream("/a", "b");
    first.close();
    appendFileSync(log, '{"timestamp":1,"mess');
    const second = openLogs(folder);
    expect(second.openStream("/a", "b").repaired).toBe(20);
    second.close();
    expect(readFileSync(log, "utf8")).toBe("");
  });

  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html:
  // a-z A-Z 0-9 _ - / . #
  it.each(["/../../etc", "..", "/a/../..", "/.hidden", "a\\..\\b", "C:"])("stay in their folder: %s", (group) => {
    const { file: log } = openLogs(folder).createStream(group, "../../x");
    expect(path.relative(folder, log)).not.toMatch(/^\.\.|[/\\]\.\.?[/\\]/);
    expect(existsSync(path.dirname(log))).toBe(true);
    expect(readdirSync(path.dirname(folder))).not.toContain("x.ndjson");
  });
});
