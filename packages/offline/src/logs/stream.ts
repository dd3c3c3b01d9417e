import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

import { openAppend } from "./append-file.mjs";

/** How much of the end of a file is looked at for the last line break, in bytes; longer than any line that is written. */
const TAIL = 4 * 1024 * 1024;

export interface AppendedLines {
  /** Keeps a line, and calls `done` when it is in the file. */
  append(line: string, done: () => void): void;
  close(): void;
}

/**
 * Appends lines to a file in groups: those of one turn of the event loop go out in one write, and `done` is called after it.
 * What was `done` outlives the process, however it ends.
 */
export function appendLines(file: string): AppendedLines {
  const log = openAppend(file, 0);
  let lines: string[] = [];
  let waiting: (() => void)[] = [];
  let scheduled = false;

  return {
    append(line, done) {
      lines.push(line);
      waiting.push(done);
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
    close() {
      flush();
      log.close();
    },
  };

  function flush(): void {
    scheduled = false;
    if (lines.length === 0) return;
    const [text, callbacks] = [lines.join(""), waiting];
    lines = [];
    waiting = [];
    log.append(text);
    for (const done of callbacks) done();
  }
}

/**
 * Cuts off a last line that was never finished, as a process that was killed leaves it.
 *
 * @returns bytes that were cut off
 */
export function repairTornLine(file: string): number {
  const descriptor = openSync(file, "a+");
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, TAIL));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const torn = tail.length - (tail.lastIndexOf(0x0a) + 1);
    if (torn > 0) ftruncateSync(descriptor, size - torn);
    return torn;
  } finally {
    closeSync(descriptor);
  }
}
