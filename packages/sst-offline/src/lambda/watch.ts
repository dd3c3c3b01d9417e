import { type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";

import { type Stamps, stampsOf } from "@backend/launch/stamps";

export interface SourceWatch {
  /** Watches these files from now on, and no others. */
  watch(files: string[]): void;
  /** Watches for any change in the folders of these files too: a new file may repair what failed. */
  watchFolders(files: string[]): void;
  close(): void;
}

/** Milliseconds in which the writes of one save come together. */
const SETTLE_MS = 10;

/** Milliseconds between two looks at the files where the system cannot watch them. */
const POLL_MS = 1000;

/** Errors of a folder that has gone: the folder above it is watched until it is back. */
const GONE = ["ENOENT", "ENOTDIR", "EPERM"];

/**
 * Calls `onChange` when one of the files has changed. Folders are watched, not files: editors save
 * by putting a new file in the place of the old one. Where the system has no watches left, the
 * files are looked at every second instead.
 *
 * @param notice called once where that is so
 * @param watchFolder of Node.js, or a stand-in
 */
export function watchSources(
  onChange: () => void,
  notice: (text: string) => void,
  watchFolder: typeof watch = watch,
): SourceWatch {
  const watchers = new Map<string, { watcher: FSWatcher; inode: number }>();
  let files: string[] = [];
  let stamps: Stamps | undefined;
  let settling: NodeJS.Timeout | undefined;
  let polling: NodeJS.Timeout | undefined;
  let isClosed = false;

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
      isClosed = true;
      clearTimeout(settling);
      clearInterval(polling);
      for (const { watcher } of watchers.values()) watcher.close();
      watchers.clear();
    },
  };

  function follow(): void {
    if (polling !== undefined || isClosed) return;
    const folders = new Map(files.map((file) => nearestFolder(path.dirname(file))));
    for (const [folder, { watcher, inode }] of watchers) {
      if (folders.get(folder) === inode) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const [folder, inode] of folders) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watchFolder(folder, { persistent: false }, touched);
        watcher.on("error", failed);
        watchers.set(folder, { watcher, inode });
      } catch (error) {
        failed(error as Error);
      }
      if (polling !== undefined) return;
    }
  }

  function failed(error: NodeJS.ErrnoException): void {
    if (GONE.includes(error.code ?? "")) touched();
    else poll(error.code ?? error.message);
  }

  /** ENOSPC and EMFILE: the system's limit of watches is reached. */
  function poll(reason: string): void {
    if (polling !== undefined || isClosed) return;
    for (const { watcher } of watchers.values()) watcher.close();
    watchers.clear();
    notice(
      `Files cannot be watched (${reason}): changes are looked for every second instead. ` +
        "On Linux, raise fs.inotify.max_user_watches and max_user_instances.",
    );
    polling = setInterval(check, POLL_MS).unref();
  }

  function touched(): void {
    if (isClosed) return;
    clearTimeout(settling);
    settling = setTimeout(() => {
      follow();
      check();
    }, SETTLE_MS);
  }

  function check(): void {
    const [before, now] = [stamps, stampsOf(files)];
    if (before !== undefined && files.every((file) => now[file] === before[file])) return;
    if (before !== undefined || polling !== undefined) stamps = now;
    // A folder cannot be polled, only its files: the first look at them has nothing to compare with.
    if (before !== undefined || polling === undefined) onChange();
  }
}

/**
 * Returns the folder, or the nearest one above it that can be read, with its inode: another folder
 * may take its place.
 */
function nearestFolder(folder: string): [folder: string, inode: number] {
  try {
    return [folder, statSync(folder).ino];
  } catch (error) {
    const above = path.dirname(folder);
    if (above === folder) throw error;
    return nearestFolder(above);
  }
}
