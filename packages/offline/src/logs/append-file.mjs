import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

/** Milliseconds between two looks whether the file is still there: a look takes as long as writing a line. */
const LOOK = 100;

/**
 * A file that is only ever appended to, and made anew when somebody has deleted it meanwhile.
 *
 * @param {string} file
 */
export function openAppend(file) {
  let descriptor = open();
  let seen = performance.now();
  return {
    /** @param {string} text */
    append(text) {
      const now = performance.now();
      if (now - seen > LOOK) {
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
