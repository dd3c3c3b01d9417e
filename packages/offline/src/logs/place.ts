import path from "node:path";

/** Where a log group is on disk, in a folder that its name cannot lead out of. */
export function groupFolder(folder: string, group: string): string {
  return path.join(folder, ...group.split("/").filter(Boolean).map(encoded));
}

export function streamFile(folder: string, group: string, stream: string): string {
  return path.join(groupFolder(folder, group), `${encoded(stream)}${EXTENSION}`);
}

/** The stream that a file of a group's folder is; `undefined` for any other file. */
export function streamOf(file: string): string | undefined {
  return file.endsWith(EXTENSION) ? decoded(file.slice(0, -EXTENSION.length)) : undefined;
}

/** The group of a folder: its name begins with a slash, as those of AWS's own services do. */
export function groupOf(segments: string[]): string {
  return `/${segments.map(decoded).join("/")}`;
}

const EXTENSION = ".ndjson";

/** One path segment, which names nothing but itself: not the folder above, no hidden file. */
function encoded(segment: string): string {
  return encodeURIComponent(segment)
    .replaceAll("%24", "$")
    .replaceAll("%5B", "[")
    .replaceAll("%5D", "]")
    .replace(/^\./, "%2E");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a file that somebody else put there
  }
}
