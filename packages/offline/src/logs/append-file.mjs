import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

/**
 * A file that is only ever appended to, and made anew when somebody has deleted it meanwhile.
 *
 * @param {string} file
 * @param {number} look milliseconds between two looks whether it is still there: a look takes as long as writing a line
 */
export function openAppend(file, look) {
  let descriptor = open();
  let seen = performance.now();
  return {
    /** @param {string} text */
    append(text) {
      const now = performance.now();
      if (now - seen >= look) {
        seen = now;
        if (fstatSync(descriptor).nlink === 0) {
          closeSync(descriptor);
          descriptor = open();
        }
      }
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    },
    close: () => closeSync(descriptor),
  };

  function open() {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, "a");
  }
}
