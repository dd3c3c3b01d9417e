import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { cached } from "./cached";

let folder: string;
let computed: number;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cached-"));
  computed = 0;
  mkdirSync(path.join(folder, "project"));
  writeFileSync(path.join(folder, "project/a.ts"), path.basename(folder)); // no run before has cached it
  writeFileSync(path.join(folder, "outside.ts"), "1");
});
afterEach(() => rmSync(folder, { recursive: true }));

const value = (name = "") =>
  cached("test", [name, path.join(folder, "project")], (addInput) => {
    addInput(path.join(folder, "outside.ts"));
    return ++computed;
  });

it("computes a value once", async () => {
  expect([await value(), await value()]).toEqual([1, 1]);
});

it.each<[string, () => void]>([
  ["a file is changed", () => writeFileSync(path.join(folder, "project/a.ts"), "changed")],
  ["a file is added", () => writeFileSync(path.join(folder, "project/b.ts"), "")],
  ["a file is renamed", () => renameSync(path.join(folder, "project/a.ts"), path.join(folder, "project/c.ts"))],
  ["a file that turned out to be an input is changed", () => writeFileSync(path.join(folder, "outside.ts"), "2")],
  ["a file that turned out to be an input is gone", () => rmSync(path.join(folder, "outside.ts"))],
])("computes it again when %s", async (_title, change) => {
  await value();
  change();
  expect(await value()).toBe(2);
});

it("tells texts apart, and ignores tests", async () => {
  expect([await value("dev"), await value("prod")]).toEqual([1, 2]);
  writeFileSync(path.join(folder, "project/a.test.ts"), "");
  expect(await value("dev")).toBe(1);
});

it("remembers nothing of what failed", async () => {
  const fail = () => cached("test", [path.join(folder, "project")], () => Promise.reject(new Error("once")));
  await expect(fail()).rejects.toThrow("once");
  expect(await value()).toBe(1);
});
