import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

/**
 * Opens a file that is only appended to. It is created again soon after it was deleted.
 *
 * `append` throws if the text cannot be written (a full disk, for example). Nothing of the text
 * stays in the file then, and the next call tries again.
 *
 * @param {string} file
 * @param {number} checkIntervalMs time between two checks that the file still exists: a check takes
 *   as long as writing a line
 */
export function openAppend(file, checkIntervalMs = 100) {
  /** @type {number | undefined} */
  let descriptor = open();
  let checkedAt = performance.now();
  /** A part of a line that could be neither completed nor removed. */
  let isTorn = false;

  return {
    /** @param {string} text */
    append(text) {
      descriptor = current();
      const bytes = Buffer.from(isTorn ? `\n${text}` : text);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
        isTorn = false;
      } catch (error) {
        if (written > 0) isTorn = !removeTail(descriptor, written);
        throw error;
      }
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };

  function current() {
    if (descriptor === undefined) return open();
    const now = performance.now();
    if (now - checkedAt < checkIntervalMs) return descriptor;
    checkedAt = now;
    if (fstatSync(descriptor).nlink > 0) return descriptor;
    closeSync(descriptor);
    descriptor = undefined;
    return open();
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
