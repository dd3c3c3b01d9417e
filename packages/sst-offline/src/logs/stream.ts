import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

import { openAppend } from "./append-file.mjs";

/** Bytes read at once to find the last line break. */
const STEP_BYTES = 64 * 1024;

/** Called once for each line, with an error if the line is not in the file. Must not throw. */
export type Appended = (error?: Error) => void;

export interface AppendedLines {
  append(line: string, done: Appended): void;
  /** Writes pending lines. A line that cannot be written is reported to its `done`. */
  close(): void;
}

/**
 * Appends lines to a file. Lines of one turn of the event loop are written together, and then their
 * `done` is called. A line that is done survives the end of the process, even a crash. If the write
 * fails, as on a full disk, all its lines fail and none stays in the file. Later lines are tried
 * again.
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
 * Removes an unfinished last line, which a killed process leaves behind.
 *
 * @returns the number of bytes removed
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
  const bytes = Buffer.alloc(STEP_BYTES);
  for (let end = size; end > 0; end -= STEP_BYTES) {
    const start = Math.max(0, end - STEP_BYTES);
    const length = readSync(descriptor, bytes, 0, end - start, start);
    const lineBreak = bytes.subarray(0, length).lastIndexOf(0x0a);
    if (lineBreak >= 0) return start + lineBreak + 1;
  }
  return 0;
}
