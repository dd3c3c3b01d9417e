import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createPending, createRefreshTokens, type Grant } from "./sessions";
import { newSignIn } from "./tokens";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sessions-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("pending entries", () => {
  it("expire", () => {
    let now = 0;
    const pending = createPending<string>(10, () => now);
    const name = pending.add("a");
    now = 9;
    expect(pending.get(name)).toBe("a");
    now = 10;
    expect(pending.get(name)).toBeUndefined();
  });

  it("are at most 1,000: the oldest ones are dropped", () => {
    const pending = createPending<number>(10, () => 0);
    const names = Array.from({ length: 1_200 }, (_, index) => pending.add(index));
    expect(names.filter((name) => pending.get(name) !== undefined)).toEqual(names.slice(200));
  });

  it("are at most 1 MiB: the oldest pending ones are dropped", () => {
    const pending = createPending<string>(10, () => 0);
    const entry = "x".repeat(16_000); // as much as a request's address can hold
    const names = Array.from({ length: 1_000 }, () => pending.add(entry));
    const left = names.filter((name) => pending.get(name) !== undefined);
    expect(left).toEqual(names.slice(-left.length));
    expect(left).toHaveLength(Math.floor((1024 * 1024) / 16_002));
    for (const name of left) pending.remove(name);
    const next = [pending.add(entry), pending.add(entry)];
    expect(next.map(pending.get)).toEqual([entry, entry]);
  });
});

describe("refresh tokens", () => {
  const grant = (expires: number, groups: string[] = []): Grant => ({
    clientId: "web",
    signIn: newSignIn({ name: "ada", subject: "s", groups }, ["openid"], 0),
    expires,
  });
  const file = () => path.join(folder, "sessions.json");

  it("leave the file when they expire", () => {
    let now = 0;
    const tokens = createRefreshTokens(folder, () => now);
    tokens.add(grant(5));
    now = 5;
    const second = tokens.add(grant(10));
    expect(Object.keys(JSON.parse(readFileSync(file(), "utf8")))).toHaveLength(1);
    expect(tokens.get(second)).toMatchObject({ clientId: "web" });
  });

  it("are at most 1 MiB: the oldest ones are dropped", () => {
    const tokens = createRefreshTokens(folder, () => 0);
    const groups = Array.from({ length: 1_300 }, (_, index) => `tenant:${"a".repeat(36)}${index}`); // a form of 64 KB
    const added = Array.from({ length: 20 }, () => tokens.add(grant(5, groups)));
    expect(statSync(file()).size).toBeLessThan(1.1 * 1024 * 1024);
    const count = Object.keys(JSON.parse(readFileSync(file(), "utf8"))).length;
    expect(count).toBeGreaterThan(10);
    const ends = [added.length - count - 1, added.length - count, added.length - 1];
    expect(ends.map((index) => tokens.get(added[index] ?? "") !== undefined)).toEqual([false, true, true]);
  });

  it("are not found by the names of inherited properties", () => {
    const tokens = createRefreshTokens(folder, () => 0);
    for (const name of ["constructor", "__proto__", ""]) expect(tokens.get(name)).toBeUndefined();
  });
});
