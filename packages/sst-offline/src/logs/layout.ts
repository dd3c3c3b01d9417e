import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

// The paths of log groups and log streams on disk. Ordinary names are readable: the stream
// `access-log` of the group `/aws/apigateway/Api/dev` is
// `aws/apigateway/Api/dev/access-log.ndjson`. Any other name becomes a hash after an `@`, which no
// ordinary name contains; `.group.json` then has the full name. Two names never share a file, even
// on a disk that ignores case, and no name leads out of the folder.
const EXTENSION = ".ndjson";

/** Describes a group in its folder. No segment of an ordinary name begins with a dot. */
export const GROUP_FILE = ".group.json";

/** Limits an encoded name. File systems allow 255 bytes per segment. */
const MAX_ENCODED_CHARACTERS = 200;
const MAX_READABLE_CHARACTERS = 40;

/**
 * Returns the folder of a log group. If the names of two groups differ only by case, the second one
 * is hashed.
 */
export function groupFolder(root: string, group: string): string {
  const hashed = path.join(root, hashedName(group));
  const segments = ordinarySegments(group);
  if (segments === undefined || existsSync(hashed) || isTakenByOtherCase(root, segments)) return hashed;
  return path.join(root, ...segments);
}

/**
 * Returns the group of a folder, given as its path segments below the root, or `undefined` if only
 * `.group.json` has the name.
 */
export function groupOfFolder(segments: string[]): string | undefined {
  const group = `/${segments.map(decodeSegment).join("/")}`;
  return ordinarySegments(group)?.join("/") === segments.join("/") ? group : undefined;
}

/** True if this is the hashed folder of the group. */
export function isHashedGroup(segments: string[], group: string): boolean {
  return segments.length === 1 && segments[0] === hashedName(group);
}

/** Returns the name of a stream's file in the folder of its group. */
export function streamFileName(folder: string, stream: string): string {
  const hashed = `${hashedName(stream)}${EXTENSION}`;
  if (stream === "" || LONE_SURROGATE.test(stream)) return hashed;
  const readable = `${encodeSegment(stream)}${EXTENSION}`;
  if (readable.length > MAX_ENCODED_CHARACTERS) return hashed;
  if (isCanonicalCase(stream)) return readable;
  // A file that a user put there, or that an earlier version wrote.
  return !existsSync(path.join(folder, hashed)) && namesIn(folder).includes(readable) ? readable : hashed;
}

/** True for the name of a stream's file. */
export function isStreamFile(fileName: string): boolean {
  return fileName.endsWith(EXTENSION) && fileName !== EXTENSION;
}

/** Returns the stream of a file, or `undefined` if only `.group.json` has the name. */
export function streamOfFile(fileName: string): string | undefined {
  return fileName.includes("@") ? undefined : decodeSegment(fileName.slice(0, -EXTENSION.length));
}

/** Half of a surrogate pair, for which `encodeURIComponent` throws. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Returns the SHA-256 of a name. Escapes lone surrogates, which UTF-8 cannot distinguish. */
export function hashOf(name: string): Buffer {
  return createHash("sha256").update(JSON.stringify(name).slice(1, -1)).digest();
}

/** Encodes a path segment reversibly. The result is never `..` or a hidden file. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment)
    .replaceAll("%24", "$")
    .replaceAll("%5B", "[")
    .replaceAll("%5D", "]")
    .replace(/^\./, "%2E");
}

/** Returns a short file name for any text: its first readable characters and a hash. */
export function hashedName(name: string): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_READABLE_CHARACTERS);
  return `${readable}@${hashOf(name).toString("hex", 0, 16)}`;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a file that a user put there
  }
}

/**
 * Returns the encoded segments of a group's name, or `undefined` if the name has no leading slash,
 * has empty segments, or looks like the name of a file.
 */
function ordinarySegments(group: string): string[] | undefined {
  const [first, ...names] = group.split("/");
  if (first !== "" || !names.every((name) => SEGMENT.test(name) && !name.toLowerCase().endsWith(EXTENSION)))
    return undefined;
  const segments = names.map(encodeSegment);
  return names.length > 0 && segments.join("/").length <= MAX_ENCODED_CHARACTERS ? segments : undefined;
}

/** Begins and ends without a dot: a leading dot hides a file, and Windows drops one at the end. */
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
 * True for lower case, apart from the `[$LATEST]` of Lambda's names. Of all names that differ only
 * by case, exactly one is canonical.
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
