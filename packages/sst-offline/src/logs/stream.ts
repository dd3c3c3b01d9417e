import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

import { openAppend } from "./append-file.mjs";

/** Bytes that are read together in search of the last line break. */
const STEP = 64 * 1024;

/**
 * Called once for each line: without an error when the line is in the file, with one when it is
 * not. Must not throw.
 */
export type Appended = (error?: Error) => void;

export interface AppendedLines {
  append(line: string, done: Appended): void;
  /** Writes what is still waiting. Lines that cannot be written are reported to their `done`. */
  close(): void;
}

/**
 * Appends lines to a file in groups: those of one turn of the event loop go out in one write, and
 * `done` is called after it. What was reported as done outlives the process, however it ends. A
 * group that cannot be written, as on a full disk, is reported as failed and leaves nothing in the
 * file; the next group is tried again.
 */
export function appendLines(file: string): AppendedLines {
  const log = openAppend(file);
  let lines: string[] = [];
  let waiting: Appended[] = [];
  let isScheduled = false;

  return {
    append(line, done) {
      lines.push(line);
      waiting.push(done);
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(flush);
    },
    close() {
      flush();
      log.close();
    },
  };

  function flush(): void {
    isScheduled = false;
    if (lines.length === 0) return;
    const [text, callbacks] = [lines.join(""), waiting];
    lines = [];
    waiting = [];
    const error = tryAppend(text);
    for (const done of callbacks) done(error);
  }

  function tryAppend(text: string): Error | undefined {
    try {
      log.append(text);
      return undefined;
    } catch (error) {
      return new Error(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
    }
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
    const whole = endOfLastLine(descriptor, size);
    if (whole < size) ftruncateSync(descriptor, whole);
    return size - whole;
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the offset after the last line break, or 0 if there is no line break. */
function endOfLastLine(descriptor: number, size: number): number {
  const bytes = Buffer.alloc(STEP);
  for (let end = size; end > 0; end -= STEP) {
    const start = Math.max(0, end - STEP);
    const length = readSync(descriptor, bytes, 0, end - start, start);
    const lineBreak = bytes.subarray(0, length).lastIndexOf(0x0a);
    if (lineBreak >= 0) return start + lineBreak + 1;
  }
  return 0;
}
