import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { lockFile, withSynthLock } from "./lock";

/** A process ID that no process has: it is above Linux's maximum of 2^22. */
const NO_PROCESS = "99999999";

describe("withSynthLock", () => {
  let project: string;
  beforeEach(() => {
    project = mkdtempSync(path.join(os.tmpdir(), "lock-"));
  });
  afterEach(() => {
    rmSync(lockFile(project), { force: true });
    rmSync(project, { recursive: true });
  });

  it("runs one task of a project at a time, and leaves no files", async () => {
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise(setImmediate);
      events.push(`${name} ends`);
      return name;
    };
    const pause = () => new Promise(setImmediate);
    const results = await Promise.all(["a", "b", "c"].map((name) => withSynthLock(project, work(name), { pause })));
    expect(results).toEqual(["a", "b", "c"]);
    for (let index = 0; index < events.length; index += 2) {
      expect(events[index + 1]).toBe(events[index]?.replace("begins", "ends"));
    }
    expect(existsSync(lockFile(project))).toBe(false);
  });

  it("reports once that it waits for another process", async () => {
    writeFileSync(lockFile(project), String(process.pid));
    const said: string[] = [];
    let pauses = 0;
    const pause = async () => {
      if (++pauses === 3) rmSync(lockFile(project));
    };
    expect(await withSynthLock(project, async () => "done", { say: (text) => said.push(text), pause })).toBe("done");
    expect({ pauses, said: said.length }).toEqual({ pauses: 3, said: 1 });
    expect(said[0]).toContain(project);
  });

  const failure = async () => {
    throw new Error("no wait was expected");
  };

  it("takes the lock of a process that no longer exists", async () => {
    writeFileSync(lockFile(project), NO_PROCESS);
    expect(await withSynthLock(project, async () => "done", { pause: failure })).toBe("done");
  });

  it("takes a lock that is older than any synthesis, even if its process ID is in use", async () => {
    writeFileSync(lockFile(project), String(process.pid));
    utimesSync(lockFile(project), 0, 0);
    expect(await withSynthLock(project, async () => "done", { pause: failure })).toBe("done");
  });

  it("releases the lock if the task fails", async () => {
    const broken = withSynthLock(project, async () => Promise.reject(new Error("broken")), { pause: failure });
    await expect(broken).rejects.toThrow("broken");
    expect(existsSync(lockFile(project))).toBe(false);
  });

  it("does not wait for another project", async () => {
    writeFileSync(lockFile(`${project}-other`), String(process.pid));
    expect(await withSynthLock(project, async () => "done", { pause: failure })).toBe("done");
    rmSync(lockFile(`${project}-other`));
  });
});
