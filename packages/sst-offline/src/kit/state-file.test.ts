import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isRecord } from "./json";
import { readOrSetAside, readStateFile, StateFileError } from "./state-file";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "state-"));
  file = path.join(folder, "state.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const isState = (value: unknown): value is { n: number } => isRecord(value) && typeof value.n === "number";
const DAMAGED: [string, string][] = [
  ["", "it is empty"],
  ["  \n", "it is empty"],
  ["{", "it is not JSON"],
  ["\u0000\u0000\u0000", "it is not JSON"],
  ["null", "its content is not"],
  ["[]", "its content is not"],
  ["42", "its content is not"],
  ['"text"', "its content is not"],
  ['{"n":"1"}', "its content is not"],
];

describe("a state file", () => {
  it("that does not exist is undefined", () => {
    expect(readStateFile(file, isState)).toBeUndefined();
    expect(readStateFile(path.join(folder, "no/such/folder.json"), isState)).toBeUndefined();
  });

  it("that is valid is returned", () => {
    writeFileSync(file, '{"n":1}\n');
    expect(readStateFile(file, isState)).toEqual({ n: 1 });
  });

  it.each(DAMAGED)("with %j is an error that names the file, the reason and the remedy", (text, reason) => {
    writeFileSync(file, text);
    const read = () => readStateFile(file, isState, "delete it");
    expect(read).toThrow(StateFileError);
    expect(read).toThrow(file);
    expect(read).toThrow(reason);
    expect(read).toThrow(": delete it");
  });

  it("that is a folder is an error", () => {
    mkdirSync(file);
    expect(() => readStateFile(file, isState)).toThrow(`${file} is damaged (it is a folder)`);
  });

  it("whose folder is a file is an error that names it", () => {
    writeFileSync(file, "{}");
    const below = path.join(file, "x.json");
    expect(() => readStateFile(below, isState)).toThrow(`${below} cannot be read`);
  });
});

describe("a damaged state file that is set aside", () => {
  it.each(DAMAGED)("with %j is reported once and kept as .corrupt", (text, reason) => {
    const notices: string[] = [];
    const read = () =>
      readOrSetAside(file, isState, { notice: (line) => notices.push(line), consequence: "It starts again." });
    writeFileSync(file, text);
    expect([read(), read()]).toEqual([undefined, undefined]);
    expect(notices).toEqual([expect.stringContaining(reason)]);
    expect(notices[0]).toContain(file);
    expect(notices[0]).toContain("It starts again.");
    expect(readFileSync(`${file}.corrupt`, "utf8")).toBe(text);
  });

  it("replaces an earlier .corrupt file or folder", () => {
    const read = () => readOrSetAside(file, isState, { notice: () => {}, consequence: "" });
    mkdirSync(path.join(file, "inner"), { recursive: true });
    read();
    writeFileSync(file, "{");
    read();
    expect(readFileSync(`${file}.corrupt`, "utf8")).toBe("{");
    expect(existsSync(file)).toBe(false);
  });
});
