import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { areFresh, stampsOf } from "./stamps.mjs";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "stamps-"));
  file = path.join(folder, "a.ts");
  writeFileSync(file, "a");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("stamps are fresh until the modification time or size of a file changes", () => {
  utimesSync(file, 1, 1);
  const stamps = stampsOf([file]);
  expect(areFresh(stamps)).toBe(true);
  utimesSync(file, 2, 2);
  expect(areFresh(stamps)).toBe(false);
  writeFileSync(file, "ab");
  utimesSync(file, 1, 1);
  expect(areFresh(stamps)).toBe(false);
});

it("stamps of a missing file are not fresh", () => {
  const stamps = stampsOf([file]);
  rmSync(file);
  expect(areFresh(stamps)).toBe(false);
  expect(areFresh(stampsOf([file]))).toBe(false);
});
