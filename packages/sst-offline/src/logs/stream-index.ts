import { type FileHandle, open } from "node:fs/promises";

/** A range of complete lines in a stream's file, with their first and last time (epoch ms). */
export interface Block {
  file: string;
  start: number;
  end: number;
  first: number;
  last: number;
}

/** Approximate size of a block. */
const BLOCK_BYTES = 256 * 1024;

/** Limits the files that are open at once: a group may have thousands of streams. */
const MAX_OPEN_FILES = 16;

/** The properties of a stream's file. */
interface IndexedFile {
  file: string;
  inode: number;
  bytes: number;
  /** Time of the last write. Epoch milliseconds. */
  writtenAt: number;
}

interface Indexed extends Omit<IndexedFile, "file"> {
  /** End of the last complete line. */
  end: number;
  blocks: Block[];
}

/**
 * Indexes the times in each part of a file, so that a search over minutes need not read days. Opens
 * only files that have changed since the last call, and reads only what was added.
 */
export interface StreamIndexes {
  /** Returns the blocks of these files. A deleted file has none. */
  blocksOf(files: IndexedFile[]): Promise<Block[]>;
}

export function createStreamIndexes(): StreamIndexes {
  const indexes = new Map<string, Promise<Indexed>>();
  return {
    async blocksOf(files) {
      const found: Block[][] = Array.from({ length: files.length }, () => []);
      const queue = files.entries();
      await Promise.all(Array.from({ length: MAX_OPEN_FILES }, work));
      return found.flat();

      async function work(): Promise<void> {
        for (const [index, file] of queue) found[index] = (await indexOf(file)).blocks;
      }
    },
  };

  /** Refreshes the index of a file, one call after the other. */
  function indexOf(file: IndexedFile): Promise<Indexed> {
    const refreshed = refresh(file, indexes.get(file.file));
    indexes.set(file.file, refreshed);
    refreshed.catch(() => indexes.delete(file.file)); // the caller reports it, and the next call tries again
    return refreshed;
  }
}

const NOTHING: Indexed = { inode: 0, bytes: 0, writtenAt: 0, end: 0, blocks: [] };

async function refresh(now: IndexedFile, before: Promise<Indexed> | undefined): Promise<Indexed> {
  const previous = (await before?.catch(() => NOTHING)) ?? NOTHING;
  const { file, inode, bytes, writtenAt } = now;
  const isSame =
    inode === previous.inode &&
    (bytes > previous.bytes || (bytes === previous.bytes && writtenAt === previous.writtenAt));
  if (isSame && bytes === previous.bytes) return previous;
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return NOTHING;
  try {
    const { end, blocks } = await extend(handle, now, isSame ? previous : NOTHING);
    return { inode, bytes, writtenAt, end, blocks };
  } finally {
    await handle.close();
  }
}

async function extend(handle: FileHandle, { file, bytes }: IndexedFile, previous: Indexed) {
  const blocks = [...previous.blocks];
  let { end } = previous;
  while (end < bytes) {
    const lines = await readLines(handle, end, bytes, BLOCK_BYTES);
    if (lines.length === 0) break; // a line that is being written
    const times = timesIn(lines);
    if (times !== undefined) blocks.push({ file, start: end, end: end + lines.length, ...times });
    end += lines.length;
  }
  return { end, blocks };
}

/**
 * Reads complete lines from an offset: about as many bytes as wanted, or one longer line. Returns
 * nothing if there is no complete line.
 */
export async function readLines(handle: FileHandle, from: number, size: number, wanted: number): Promise<Buffer> {
  for (let length = wanted; ; length *= 2) {
    const bytes = Buffer.allocUnsafe(Math.min(length, size - from));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    const whole = bytes.subarray(0, bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1);
    if (whole.length > 0 || bytesRead < length) return whole;
  }
}

/** Returns the first and last time, or `undefined` if no line is a log event. */
function timesIn(lines: Buffer): Pick<Block, "first" | "last"> | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < lines.length; at = lines.indexOf(0x0a, at) + 1) {
    const time = timestampAt(lines, at);
    if (time === undefined) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return first > last ? undefined : { first, last };
}

const HEAD = Buffer.from('{"timestamp":');

/**
 * Returns the time of the log event that begins at `start`, in epoch milliseconds, or `undefined`
 * if the line is not a log event.
 */
export function timestampAt(bytes: Buffer, start: number): number | undefined {
  const digits = start + HEAD.length;
  if (bytes.compare(HEAD, 0, HEAD.length, start, digits) !== 0) return undefined;
  let [time, at] = [0, digits];
  for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++at] ?? 0) time = time * 10 + byte - 0x30;
  return at === digits || bytes[at] !== 0x2c || !Number.isSafeInteger(time) ? undefined : time;
}
