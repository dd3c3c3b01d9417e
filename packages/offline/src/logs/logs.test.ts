import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openLogs } from "./service";
import { appendLines, repairTornLine } from "./stream";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "logs-"));
  file = path.join(folder, "log.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("lines that are appended", () => {
  it("are in the file, in order, when they are said to be", async () => {
    const lines = appendLines(file);
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      for (const n of [1, 2, 3]) lines.append(`${n}\n`, () => seen.push(readFileSync(file, "utf8")) === 3 && resolve());
      expect(readFileSync(file, "utf8")).toBe("");
    });
    expect(seen).toEqual(Array(3).fill("1\n2\n3\n")); // one write for the three
    lines.close();
  });

  it("are written out when the file is closed", () => {
    const lines = appendLines(file);
    let done = 0;
    lines.append("1\n", () => done++);
    lines.close();
    expect([readFileSync(file, "utf8"), done]).toEqual(["1\n", 1]);
  });

  it("come after what is there", () => {
    writeFileSync(file, "0\n");
    const lines = appendLines(file);
    lines.append("1\n", () => {});
    lines.close();
    expect(readFileSync(file, "utf8")).toBe("0\n1\n");
  });
});

describe("a torn last line", () => {
  it.each([
    ["", "", 0],
    ["whole\n", "whole\n", 0],
    ['{"a":1}\n{"b', '{"a":1}\n', 3],
    ["torn", "", 4],
    ["ä\ntörn", "ä\n", 5],
  ])("of %j is cut off", (text, left, cut) => {
    writeFileSync(file, text);
    expect(repairTornLine(file)).toBe(cut);
    expect(readFileSync(file, "utf8")).toBe(left);
  });

  it("is found behind a line of megabytes", () => {
    writeFileSync(file, `${"a".repeat(3_000_000)}\ntorn`);
    expect(repairTornLine(file)).toBe(4);
  });
});

describe("log groups and streams", () => {
  it("keep an event as a line of JSON with its time, a structured one as it is", () => {
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

  it("open a stream once", () => {
    const logs = openLogs(folder);
    expect(logs.openStream("/a", "b")).toBe(logs.openStream("/a", "b"));
    logs.close();
  });

  it("say what was cut off when a stream was opened", () => {
    const first = openLogs(folder);
    const { file: log } = first.openStream("/a", "b");
    first.close();
    appendFileSync(log, '{"timestamp":1,"mess');
    const second = openLogs(folder);
    expect(second.openStream("/a", "b").repaired).toBe(20);
    second.close();
    expect(readFileSync(log, "utf8")).toBe("");
  });

  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html: a-z A-Z 0-9 _ - / . #
  it.each(["/../../etc", "..", "/a/../..", "/.hidden", "a\\..\\b", "C:"])("stay in their folder: %s", (group) => {
    const { file: log } = openLogs(folder).createStream(group, "../../x");
    expect(path.relative(folder, log)).not.toMatch(/^\.\.|[/\\]\.\.?[/\\]/);
    expect(existsSync(path.dirname(log))).toBe(true);
    expect(readdirSync(path.dirname(folder))).not.toContain("x.ndjson");
  });
});
