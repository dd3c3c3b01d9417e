import { statSync } from "node:fs";

/** @typedef {Record<string, string>} Stamps Modification time and size of each file, by path. */

const MISSING = "missing";

/**
 * @param {string[]} files
 * @returns {Stamps}
 */
export function stampsOf(files) {
  return Object.fromEntries(files.map((file) => [file, stampOf(file)]));
}

/**
 * True if every file existed and still has the same modification time and size.
 *
 * @param {Stamps} stamps
 */
export function areFresh(stamps) {
  return Object.entries(stamps).every(([file, stamp]) => stamp !== MISSING && stampOf(file) === stamp);
}

/**
 * A file that cannot be read, or whose path is a loop of links, counts as missing.
 *
 * @param {string} file
 */
function stampOf(file) {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs}:${size}`;
  } catch {
    return MISSING;
  }
}
