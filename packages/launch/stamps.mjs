import { statSync } from "node:fs";

/** @typedef {Record<string, string>} Stamps What a set of files looked like, by path. */

/**
 * @param {string[]} files
 * @returns {Stamps}
 */
export function stampsOf(files) {
  return Object.fromEntries(files.map((file) => [file, stampOf(file)]));
}

/**
 * True where each file is there and has neither another time of change nor another size.
 *
 * @param {Stamps} stamps
 */
export function areFresh(stamps) {
  try {
    return Object.entries(stamps).every(([file, stamp]) => stampOf(file) === stamp);
  } catch {
    return false; // a file is gone
  }
}

/** @param {string} file */
function stampOf(file) {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs}:${size}`;
}
