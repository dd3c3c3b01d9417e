import { statSync } from "node:fs";

/** @typedef {Record<string, string>} Stamps Time of change and size of each file, by path. */

const MISSING = "missing";

/**
 * @param {string[]} files
 * @returns {Stamps}
 */
export function stampsOf(files) {
  return Object.fromEntries(files.map((file) => [file, stampOf(file)]));
}

/**
 * True where each file was there and still is, with neither another time of change nor another size.
 *
 * @param {Stamps} stamps
 */
export function areFresh(stamps) {
  return Object.entries(stamps).every(([file, stamp]) => stamp !== MISSING && stampOf(file) === stamp);
}

/**
 * A file that may not be read, or whose path is a loop of links, counts as missing.
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
