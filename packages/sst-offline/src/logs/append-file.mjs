import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

/** Time between checks that the file still exists, which take longer than writing a line. */
const CHECK_INTERVAL_MS = 20;

/**
 * Opens a file for appending. If the file is deleted, a later `append` or `close` creates it again,
 * with everything that was written since the last check.
 *
 * `append` throws if the text cannot be written, for example because the disk is full. Then nothing
 * of the text stays in the file, and the next call tries again.
 *
 * @param {string} file
 */
export function openAppend(file) {
  let descriptor = open();
  let checkedAt = performance.now();
  /** Text written since the last check. */
  let unchecked = "";
  /** True if the file ends in part of a line that could not be completed or removed. */
  let isTorn = false;

  return {
    /** @param {string} text */
    append(text) {
      if (performance.now() - checkedAt >= CHECK_INTERVAL_MS) check();
      write(text);
      unchecked += text;
    },
    close() {
      check();
      closeSync(descriptor);
    },
  };

  function check() {
    if (fstatSync(descriptor).nlink === 0) restore();
    unchecked = "";
    checkedAt = performance.now();
  }

  /** Creates the file with the unchecked text. Keeps the deleted file open if that fails. */
  function restore() {
    const [deleted, wasTorn] = [descriptor, isTorn];
    descriptor = open();
    isTorn = false;
    try {
      write(unchecked);
    } catch (error) {
      closeSync(descriptor);
      [descriptor, isTorn] = [deleted, wasTorn];
      throw error;
    }
    closeSync(deleted);
  }

  /** @param {string} text */
  function write(text) {
    const bytes = Buffer.from(isTorn ? `\n${text}` : text);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(descriptor, bytes, written);
      isTorn = false;
    } catch (error) {
      if (written > 0) isTorn = !removeTail(descriptor, written);
      throw error;
    }
  }

  function open() {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, "a");
  }
}

/**
 * @param {number} descriptor
 * @param {number} length bytes
 */
function removeTail(descriptor, length) {
  try {
    ftruncateSync(descriptor, fstatSync(descriptor).size - length);
    return true;
  } catch {
    return false;
  }
}
