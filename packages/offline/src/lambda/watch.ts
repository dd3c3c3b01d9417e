import { type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";

import { areFresh, type Stamps, stampsOf } from "@secure-backend/launch/stamps";

export interface SourceWatch {
  /** From now on, these are the files that count. */
  watch(files: string[]): void;
  /** From now on, whatever happens in the folders of these files and of those before counts: a new file may mend what failed. */
  watchFolders(files: string[]): void;
  close(): void;
}

/** Milliseconds in which the writes of one save come together. */
const SETTLE = 10;

/**
 * Calls `onChange` when one of the files has changed. Folders are watched, not files: editors save by putting a new file in
 * the place of the old one. For a folder that is gone its parent is watched, until it is back.
 */
export function watchSources(onChange: () => void): SourceWatch {
  const watchers = new Map<string, { watcher: FSWatcher; inode: number }>();
  let files: string[] = [];
  let stamps: Stamps | undefined;
  let timer: NodeJS.Timeout | undefined;

  return {
    watch(wanted) {
      files = wanted.filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`));
      stamps = stampsOf(files);
      follow();
    },
    watchFolders(more) {
      files = [...new Set([...files, ...more])];
      stamps = undefined;
      follow();
    },
    close() {
      clearTimeout(timer);
      for (const { watcher } of watchers.values()) watcher.close();
    },
  };

  function follow(): void {
    const folders = new Map(files.map((file) => existing(path.dirname(file))));
    for (const [folder, { watcher, inode }] of watchers) {
      if (folders.get(folder) === inode) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const [folder, inode] of folders) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, touched);
        watcher.on("error", touched);
        watchers.set(folder, { watcher, inode });
      } catch {
        touched(); // it has gone away meanwhile: the one above it is next
      }
    }
  }

  function touched(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      follow();
      if (stamps === undefined || !areFresh(stamps)) onChange();
    }, SETTLE);
  }
}

/** The folder, or the nearest one above it that is there, with its inode: another folder may take its place. */
function existing(folder: string): [folder: string, inode: number] {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats === undefined ? existing(path.dirname(folder)) : [folder, stats.ino];
}
