import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/**
 * Where log groups and log streams are on disk. Ordinary names can be read there: the stream
 * `access-log` of the group `/aws/apigateway/Api/dev` is
 * `aws/apigateway/Api/dev/access-log.ndjson`. Any other name is a hash behind a `@`, which no
 * ordinary name has; the group's own file then holds the name in full. No two names share a file,
 * also on a disk that ignores case, and none leads out of the folder.
 */
const EXTENSION = ".ndjson";

/**
 * What a group says about itself beyond what its files do. No segment of an ordinary name begins
 * with a dot.
 */
export const GROUP_FILE = ".group.json";

/** Characters of an encoded name: file systems take 255 bytes a segment. */
const MAX_ENCODED = 200;
const MAX_READABLE = 40;

/**
 * The folder of a log group. Of two groups whose names differ by case alone, the second one is
 * hashed.
 */
export function groupFolder(root: string, group: string): string {
  const hashed = path.join(root, hashedName(group));
  const segments = ordinarySegments(group);
  if (segments === undefined || existsSync(hashed) || isTakenByOtherCase(root, segments)) return hashed;
  return path.join(root, ...segments);
}

/**
 * The group of a folder, given as the segments below the root.
 *
 * @returns undefined where only the group's own file can tell
 */
export function groupOfFolder(segments: string[]): string | undefined {
  const group = `/${segments.map(decodeSegment).join("/")}`;
  return ordinarySegments(group)?.join("/") === segments.join("/") ? group : undefined;
}

/** Whether this is the folder of a group that is hashed. */
export function isHashedGroup(segments: string[], group: string): boolean {
  return segments.length === 1 && segments[0] === hashedName(group);
}

/** The name of a stream's file in the folder of its group. */
export function streamFileName(folder: string, stream: string): string {
  const hashed = `${hashedName(stream)}${EXTENSION}`;
  if (stream === "" || LONE_SURROGATE.test(stream)) return hashed;
  const readable = `${encodeSegment(stream)}${EXTENSION}`;
  if (readable.length > MAX_ENCODED) return hashed;
  if (isCanonicalCase(stream)) return readable;
  // A file that somebody put there, or that an earlier version wrote.
  return !existsSync(path.join(folder, hashed)) && namesIn(folder).includes(readable) ? readable : hashed;
}

/** Whether a file in the folder of a group is that of a stream, by its name. */
export function isStreamFile(fileName: string): boolean {
  return fileName.endsWith(EXTENSION) && fileName !== EXTENSION;
}

/**
 * The stream of a file in the folder of a group.
 *
 * @returns undefined where only the group's own file can tell
 */
export function streamOfFile(fileName: string): string | undefined {
  return fileName.includes("@") ? undefined : decodeSegment(fileName.slice(0, -EXTENSION.length));
}

/** `encodeURIComponent` refuses half of a character. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The SHA-256 of a name as UTF-8, which tells apart names that UTF-8 does not: a lone surrogate is
 * escaped.
 */
export function hashOf(name: string): Buffer {
  return createHash("sha256").update(JSON.stringify(name).slice(1, -1)).digest();
}

/** One segment of a path, reversible, which is neither the folder above nor a hidden file. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment)
    .replaceAll("%24", "$")
    .replaceAll("%5B", "[")
    .replaceAll("%5D", "]")
    .replace(/^\./, "%2E");
}

/** A short name of fixed form for any text, with as much of it as can be read. */
export function hashedName(name: string): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_READABLE);
  return `${readable}@${hashOf(name).toString("hex", 0, 16)}`;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a file that somebody put there
  }
}

/**
 * Encoded segments; undefined for a group without a leading slash, with empty segments, or that a
 * file could be named like.
 */
function ordinarySegments(group: string): string[] | undefined {
  const [first, ...names] = group.split("/");
  if (first !== "" || !names.every((name) => SEGMENT.test(name) && !name.toLowerCase().endsWith(EXTENSION)))
    return undefined;
  const segments = names.map(encodeSegment);
  return names.length > 0 && segments.join("/").length <= MAX_ENCODED ? segments : undefined;
}

/**
 * Neither begins nor ends with a dot: the one is hidden or `..`, the other is dropped by Windows.
 */
const SEGMENT = /^[\w#-](?:[\w.#-]*[\w#-])?$/;

function isTakenByOtherCase(root: string, segments: string[]): boolean {
  let folder = root;
  for (const segment of segments) {
    const names = namesIn(folder);
    if (!names.includes(segment)) return names.some((name) => name.toLowerCase() === segment.toLowerCase());
    folder = path.join(folder, segment);
  }
  return false;
}

/**
 * In lower case, apart from the `[$LATEST]` of Lambda's names: one name of all that differ by case
 * alone.
 */
function isCanonicalCase(stream: string): boolean {
  return stream === stream.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()).replaceAll("[$latest]", "[$LATEST]");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
