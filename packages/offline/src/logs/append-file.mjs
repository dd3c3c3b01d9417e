import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

/**
 * A file that is only ever appended to, and made anew when somebody has deleted it meanwhile.
 *
 * @param {string} file
 */
export function openAppend(file) {
  let descriptor = open();
  return {
    /** Sees to it that what is appended from now on can be found under the file's name. */
    ensure() {
      if (fstatSync(descriptor).nlink > 0) return;
      closeSync(descriptor);
      descriptor = open();
    },
    /** @param {string} text */
    append(text) {
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
