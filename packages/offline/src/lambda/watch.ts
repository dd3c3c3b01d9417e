import { existsSync, type FSWatcher, watch } from "node:fs";
import path from "node:path";

import { areFresh, stampsOf } from "@secure-backend/launch/stamps";

export interface SourceWatch {
  /** From now on, these are the files that count. */
  watch(files: string[]): void;
  /** From now on, whatever happens in the folders of these files counts: a build failed, and a new file may mend it. */
  watchFolders(files: string[]): void;
  close(): void;
}

/** Milliseconds in which the writes of one save come together. */
const SETTLE = 10;

/**
 * Calls `onChange` when one of the files has changed. Folders are watched, not files: editors save by putting a new file in
 * the place of the old one.
 */
export function watchSources(onChange: () => void): SourceWatch {
  const watchers = new Map<string, FSWatcher>();
  let stamps: Record<string, string> | undefined;
  let timer: NodeJS.Timeout | undefined;

  return {
    watch(files) {
      const own = files.filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`));
      stamps = stampsOf(own);
      follow(own);
    },
    watchFolders(files) {
      stamps = undefined;
      follow([...files, ...[...watchers.keys()].map((folder) => path.join(folder, "*"))]);
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };

  function follow(files: string[]): void {
    const folders = new Set(files.map((file) => path.dirname(file)).filter(existsSync));
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      if (!watchers.has(folder)) watchers.set(folder, watch(folder, { persistent: false }, touched));
    }
  }

  function touched(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (stamps === undefined || !areFresh(stamps)) onChange();
    }, SETTLE);
  }
}
