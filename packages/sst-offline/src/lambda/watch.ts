import { type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";

import { type Stamps, stampsOf } from "@backend/launch/stamps";

export interface SourceWatch {
  /** Watches these files, and no longer the earlier ones. */
  watch(files: string[]): void;
  /** Also watches for any change in the folders of these files: a new file may repair a build. */
  watchFolders(files: string[]): void;
  close(): void;
}

/** Writes of one save happen within this time. */
const SETTLE_MS = 10;

/** Time between checks of the files if the system cannot watch them. */
const POLL_MS = 1000;

/** Errors for a deleted folder. Its parent is watched until it is back. */
const GONE = ["ENOENT", "ENOTDIR", "EPERM"];

/**
 * Calls `onChange` when one of the files has changed. It watches folders instead of files, because
 * editors save by replacing a file. If the system has no watches left, it checks the files every
 * second.
 *
 * @param notice called once if the system has no watches left
 * @param watchFolder the function of Node.js, or a replacement in tests
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
        const watcher = watchFolder(folder, { persistent: false }, onFolderChange);
        watcher.on("error", onWatchError);
        watchers.set(folder, { watcher, inode });
      } catch (error) {
        onWatchError(error as Error);
      }
      if (polling !== undefined) return;
    }
  }

  function onWatchError(error: NodeJS.ErrnoException): void {
    if (GONE.includes(error.code ?? "")) onFolderChange();
    else poll(error.code ?? error.message);
  }

  /** Starts to poll. ENOSPC and EMFILE mean that the system's limit of watches is reached. */
  function poll(reason: string): void {
    if (polling !== undefined || isClosed) return;
    for (const { watcher } of watchers.values()) watcher.close();
    watchers.clear();
    notice(
      `Cannot watch files (${reason}): checking for changes every second instead. ` +
        "On Linux, raise fs.inotify.max_user_watches and max_user_instances.",
    );
    polling = setInterval(check, POLL_MS).unref();
  }

  function onFolderChange(): void {
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
    // Polling covers files, not folders. Its first check has nothing to compare with.
    if (before !== undefined || polling === undefined) onChange();
  }
}

/**
 * Returns the folder, or its nearest readable parent, with the inode. A different inode means that
 * another folder has replaced it.
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
