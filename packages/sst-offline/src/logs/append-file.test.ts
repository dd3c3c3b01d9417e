import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { openAppend } from "./append-file.mjs";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "append-"));
  file = path.join(folder, "a/b.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("creates a deleted file again, and loses nothing that was written after the deletion", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  const log = openAppend(file);
  log.append("one\n");
  now.mockReturnValue(1000);
  log.append("two\n");
  rmSync(path.dirname(file), { recursive: true });
  log.append("three\n");
  now.mockReturnValue(2000);
  log.append("four\n");
  expect(readFileSync(file, "utf8")).toBe("two\nthree\nfour\n");
  rmSync(file);
  log.append("five\n");
  log.close();
  expect(readFileSync(file, "utf8")).toBe("four\nfive\n");
});

it("throws if the text cannot be written", () => {
  const log = openAppend("/dev/full");
  expect(() => log.append("one\n")).toThrow("ENOSPC");
  log.close();
});

// A file with a size limit fails like a full disk: part of the text is written.
it("removes the part of a text that did not fit, and can write again", () => {
  const module = fileURLToPath(new URL("./append-file.mjs", import.meta.url));
  const script = `
    const { openAppend } = await import(${JSON.stringify(module)});
    const log = openAppend(${JSON.stringify(file)});
    log.append("a".repeat(999) + "\\n");
    try { log.append("b".repeat(100) + "\\n"); } catch (error) { process.stdout.write(error.code); }
    log.append("c\\n");`;
  const limited = 'trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module --eval "$1"';
  expect(execFileSync("bash", ["-c", limited, process.execPath, script], { encoding: "utf8" })).toBe("EFBIG");
  expect(readFileSync(file, "utf8")).toBe(`${"a".repeat(999)}\nc\n`);
});
