import { statSync } from "node:fs";

/** @typedef {Record<string, string>} Stamps What a set of files looked like, by path. */

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

/** @param {string} file */
function stampOf(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? MISSING : `${stats.mtimeMs}:${stats.size}`;
}
