import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

/** A check that the file still exists takes longer than writing a line. */
const CHECK_INTERVAL_MS = 20;

/**
 * Opens a file that is only appended to. If the file is deleted, a later `append`, or `close`,
 * creates it again, with everything that was written since the last check.
 *
 * `append` throws if the text cannot be written (a full disk, for example). Nothing of the text
 * stays in the file then, and the next call tries again.
 *
 * @param {string} file
 */
export function openAppend(file) {
  let descriptor = open();
  let checkedAt = performance.now();
  /** What has been written since the check. */
  let unchecked = "";
  /** A part of a line that could be neither completed nor removed. */
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

  /** Writes what the deleted file has got since the last check. The file is replaced only if that works. */
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
