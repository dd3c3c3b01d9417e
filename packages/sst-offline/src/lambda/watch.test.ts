import { EventEmitter } from "node:events";
import type { FSWatcher, watch } from "node:fs";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { watchSources } from "./watch";

let folder: string;
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(path.join(os.tmpdir(), "watch-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const failing = (code: string) =>
  vi.fn<typeof watch>(() => {
    throw Object.assign(new Error(`${code}: System limit for number of file watchers reached`), { code });
  }) as unknown as typeof watch;

/** Creates a watch that works until it emits an error. */
function breaking() {
  const watchers: FSWatcher[] = [];
  const stand = (() => {
    const watcher = Object.assign(new EventEmitter(), { close: () => {} }) as unknown as FSWatcher;
    watchers.push(watcher);
    return watcher;
  }) as unknown as typeof watch;
  return { stand, watchers };
}

// inotify(7): ENOSPC at the user's limit of watches, EMFILE at the limit of instances.
describe("if no watches are left", () => {
  it.each(["ENOSPC", "EMFILE"])("(%s) reports that once, and polls for changes", (code) => {
    const file = path.join(folder, "a.ts");
    writeFileSync(file, "1");
    const [changed, notice, stand] = [vi.fn(), vi.fn(), failing(code)];
    const sources = watchSources(changed, notice, stand);
    sources.watch([file, path.join(folder, "missing.ts")]);
    expect(notice).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(`(${code})`));
    vi.advanceTimersByTime(10_000);
    expect(changed).not.toHaveBeenCalled();
    expect(stand).toHaveBeenCalledTimes(1);

    writeFileSync(file, "22");
    vi.advanceTimersByTime(1000);
    expect(changed).toHaveBeenCalledTimes(1);
    sources.watch([file]);
    writeFileSync(path.join(folder, "missing.ts"), "");
    vi.advanceTimersByTime(10_000);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(notice).toHaveBeenCalledTimes(1);

    sources.close();
    writeFileSync(file, "333");
    vi.advanceTimersByTime(10_000);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it("tries a failed build again only after a change", () => {
    const file = path.join(folder, "a.ts");
    writeFileSync(file, "broken");
    const changed = vi.fn();
    const sources = watchSources(changed, () => {}, failing("ENOSPC"));
    sources.watchFolders([file]);
    vi.advanceTimersByTime(10_000);
    expect(changed).not.toHaveBeenCalled();
    writeFileSync(file, "repaired");
    vi.advanceTimersByTime(2000);
    expect(changed).toHaveBeenCalledTimes(1);
    sources.close();
  });

  it("polls after a watch fails later", () => {
    const file = path.join(folder, "a.ts");
    writeFileSync(file, "1");
    const [changed, notice, { stand, watchers }] = [vi.fn(), vi.fn(), breaking()];
    const sources = watchSources(changed, notice, stand);
    sources.watch([file]);
    watchers[0]?.emit("error", Object.assign(new Error("EMFILE"), { code: "EMFILE" }));
    writeFileSync(file, "22");
    vi.advanceTimersByTime(1000);
    expect([notice.mock.calls.length, changed.mock.calls.length]).toEqual([1, 1]);
    sources.close();
  });
});

// stat(2): ELOOP. EACCES is handled the same way, but root may read every file.
it("survives a folder that becomes a loop of links", () => {
  const source = path.join(folder, "src");
  const file = path.join(source, "a.ts");
  mkdirSync(source);
  writeFileSync(file, "1");
  const changed = vi.fn();
  const { stand, watchers } = breaking();
  const sources = watchSources(changed, () => {}, stand);
  sources.watch([file]);
  rmSync(source, { recursive: true });
  symlinkSync(source, source);
  watchers[0]?.emit("error", Object.assign(new Error("gone"), { code: "ENOENT" }));
  vi.advanceTimersByTime(1000);
  expect(changed).toHaveBeenCalledOnce();
  sources.close();
});
