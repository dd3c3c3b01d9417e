import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openLogGroups } from "./groups";
import { groupFolder, streamFileName } from "./layout";
import { openLogs } from "./service";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "layout-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const relative = (file: string) => path.relative(root, file);

describe("ordinary names", () => {
  it.each([
    ["/aws/apigateway/SecureBackendAPI/dev", "access-log", "aws/apigateway/SecureBackendAPI/dev/access-log.ndjson"],
    [
      "/aws/lambda/Hello-dev",
      "2026/11/27/[$LATEST]0123456789abcdef0123456789abcdef",
      "aws/lambda/Hello-dev/2026%2F11%2F27%2F[$LATEST]0123456789abcdef0123456789abcdef.ndjson",
    ],
    ["/a/b_c-d.e#f", ".hidden", "a/b_c-d.e%23f/%2Ehidden.ndjson"],
  ])("of the group %s and the stream %s are readable on disk", (group, stream, file) => {
    expect(relative(openLogs(root).createStream(group, stream).file)).toBe(file);
  });
});

// Groups: 1 to 512 of a-z A-Z 0-9 _ - / . #
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
// Streams: 1 to 512 characters without colon and asterisk
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
const HOSTILE_GROUPS = [
  "/",
  "//",
  "/a",
  "/A",
  "a",
  "/a/",
  "//a",
  "/a//b",
  "/a/b",
  "/A/b",
  "/a/B",
  "a/b",
  ".",
  "..",
  "/.",
  "/..",
  "/a/..",
  "/a/../..",
  "/a/.",
  "/.hidden",
  "/a.",
  "/a/s.ndjson",
  "/a/S.NDJSON",
  "/.ndjson",
  "/.group.json",
  "/a/.group.json",
  "/x/evil.ndjson",
  "/".repeat(512),
  `/${"a".repeat(511)}`,
  `/${"a".repeat(510)}b`,
  `/${"#".repeat(200)}`,
  `/${"a/".repeat(255)}b`,
  "#",
  "/#",
  "/%23",
  "/con",
  "/a@b",
];
const HOSTILE_STREAMS = [
  "s",
  "S",
  "s.ndjson",
  "S.ndjson",
  ".",
  "..",
  ".group.json",
  ".group",
  "a/b",
  "a\\b",
  "a%2Fb",
  "a%2fb",
  "../x",
  "../../x",
  "/etc",
  "\u0000",
  "\ud800",
  "\ud801",
  "\udc00",
  "\ufffd",
  "é",
  "e\u0301",
  "É",
  "K",
  "\u212a",
  "k",
  " s",
  "s ",
  "[$LATEST]a",
  "[$latest]a",
  "[$Latest]a",
  "a".repeat(512),
  `${"a".repeat(511)}b`,
  "/".repeat(512),
  "é".repeat(512),
  "😀".repeat(256),
  "a@b",
  "con",
  "@",
  '"',
  "\\u0000",
  "\\ud800",
];

const group = fc.oneof(
  fc.constantFrom(...HOSTILE_GROUPS),
  fc.string({
    unit: fc.constantFrom("/", "/", ".", "a", "A", "-", "#", ".ndjson", "aws"),
    minLength: 1,
    maxLength: 12,
  }),
  fc.string({ unit: fc.constantFrom(..."abAB019._-/#"), minLength: 1, maxLength: 512 }),
);
const stream = fc.oneof(
  fc.constantFrom(...HOSTILE_STREAMS),
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((text) => !/[:*]/.test(text)),
  fc.string({
    unit: fc.constantFrom("a", "A", "/", "%", ".", "é", "\ud800", "[$LATEST]", "@"),
    minLength: 1,
    maxLength: 100,
  }),
);

describe("any names", () => {
  const create = (pairs: [string, string][]) => {
    const logs = openLogs(root);
    return pairs.map((pair) => [pair.join("\n"), logs.createStream(...pair).file] as const);
  };

  const check = (files: (readonly [string, string])[]) => {
    const names = new Map<string, string>();
    for (const [name, file] of files) {
      const onDisk = relative(file).toLowerCase(); // as a disk that ignores case has it
      expect([onDisk, names.get(onDisk) ?? name]).toEqual([onDisk, name]);
      names.set(onDisk, name);
      const segments = onDisk.split(path.sep);
      expect(
        segments.filter((segment) => Buffer.byteLength(segment) > 255 || /^\.|[/\\:*?"<>|]/.test(segment)),
      ).toEqual([]);
      expect(onDisk.length).toBeLessThan(500);
    }
  };

  it("at the limits never share a file and never leave the folder", () => {
    check(create(HOSTILE_GROUPS.flatMap((name) => HOSTILE_STREAMS.map((each): [string, string] => [name, each]))));
  });

  it("never share a file and never leave the folder", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(group, stream), { minLength: 2, maxLength: 12, selector: String }),
        (pairs) => {
          check(create(pairs));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are read back unchanged, even by another process", async () => {
    const groups = openLogGroups(root);
    for (const name of HOSTILE_GROUPS) {
      await groups.save({ name, createdAt: 1 });
      await groups.createStream(name, "s");
    }
    for (const name of HOSTILE_STREAMS) await groups.createStream("/a", name);
    const again = openLogGroups(root);
    expect((await again.list()).map(({ name }) => name)).toEqual(HOSTILE_GROUPS.toSorted());
    expect(await again.streamNamesOf("/a")).toEqual(HOSTILE_STREAMS.toSorted());
    for (const name of HOSTILE_GROUPS) expect(await again.find(name)).toEqual({ name, createdAt: 1 });
    for (const name of HOSTILE_STREAMS) expect(await again.hasStream("/a", name)).toBe(true);
    const tags = new Set((await again.streamsOf("/a")).map(({ tag }) => tag));
    expect(tags.size).toBe(HOSTILE_STREAMS.length);
    for (const name of HOSTILE_GROUPS) await again.remove(name);
    expect(await again.list()).toEqual([]);
  });
});

describe("a folder", () => {
  it("with the name of a stream is not a stream", async () => {
    const groups = openLogGroups(root);
    await groups.createStream("/a", "s");
    mkdirSync(path.join(root, "a/evil.ndjson"));
    expect((await groups.streamsOf("/a")).map(({ name }) => name)).toEqual(["s"]);
    expect(await groups.hasStream("/a", "evil")).toBe(false);
  });

  it("that differs only by case belongs to the first group", async () => {
    const groups = openLogGroups(root);
    await groups.createStream("/Api", "s");
    expect(relative(groupFolder(root, "/Api"))).toBe("Api");
    expect(relative(groupFolder(root, "/api"))).toMatch(/^-?api@[0-9a-f]{32}$/);
  });
});

describe("a file that a user put into the folder of a group", () => {
  it("is a stream with its name, which can be written and deleted like others", async () => {
    mkdirSync(path.join(root, "a"));
    writeFileSync(path.join(root, "a/My File.ndjson"), "");
    writeFileSync(path.join(root, "a/Upper.ndjson"), "");
    const groups = openLogGroups(root);
    expect(await groups.streamNamesOf("/a")).toEqual(["My File", "Upper"]);
    expect(streamFileName(path.join(root, "a"), "Upper")).toBe("Upper.ndjson");
    await groups.removeStream("/a", "Upper");
    expect(await groups.streamNamesOf("/a")).toEqual(["My File"]);
  });
});

describe("the file .group.json", () => {
  it.each([
    "",
    "null",
    "{",
    "[]",
    '{"name":"/other","createdAt":1}',
    '{"name":"/g","createdAt":"x"}',
    '{"name":"/g","createdAt":1,"streams":[]}',
  ])("with %j is reported once and written again", async (text) => {
    const notices: string[] = [];
    const groups = openLogGroups(root, (line) => notices.push(line));
    await groups.createStream("/g", "s");
    const file = path.join(root, "g/.group.json");
    writeFileSync(file, text);
    await groups.declare([{ name: "/g", retentionInDays: 7 }]);
    expect(await groups.find("/g")).toMatchObject({ name: "/g", retentionInDays: 7 });
    expect((await groups.list()).map(({ name }) => name)).toEqual(["/g"]);
    expect(notices).toEqual([expect.stringContaining(file)]);
    expect(await groups.streamNamesOf("/g")).toEqual(["s"]);
  });

  it("keeps the names of hashed streams after a change of the group", async () => {
    const groups = openLogGroups(root);
    await groups.createStream("/g", "Upper");
    await groups.save({ name: "/g", createdAt: 1, retentionInDays: 7 });
    await groups.createStream("/g", "\ud800");
    expect(await groups.streamNamesOf("/g")).toEqual(["Upper", "\ud800"]);
  });
});
