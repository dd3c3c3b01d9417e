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
  // Unique, so that no earlier run has cached the value.
  writeFileSync(path.join(folder, "project/a.ts"), path.basename(folder));
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
  ["an added input is changed", () => writeFileSync(path.join(folder, "outside.ts"), "2")],
  ["an added input is removed", () => rmSync(path.join(folder, "outside.ts"))],
])("computes it again when %s", async (_title, change) => {
  await value();
  change();
  expect(await value()).toBe(2);
});

it("computes a value for each text, and ignores test files", async () => {
  expect([await value("dev"), await value("prod")]).toEqual([1, 2]);
  writeFileSync(path.join(folder, "project/a.test.ts"), "");
  expect(await value("dev")).toBe(1);
});

it("does not cache a failure", async () => {
  const fail = () => cached("test", [path.join(folder, "project")], () => Promise.reject(new Error("once")));
  await expect(fail()).rejects.toThrow("once");
  expect(await value()).toBe(1);
});
