import { type FileHandle, open } from "node:fs/promises";

/** A stretch of a stream's file: whole lines, and the first and last time in them (epoch ms). */
export interface Block {
  file: string;
  start: number;
  end: number;
  first: number;
  last: number;
}

/** Bytes that are looked at together. */
const BLOCK = 256 * 1024;

interface Indexed {
  inode: number;
  end: number;
  blocks: Block[];
}

/**
 * Knows when the log events of each part of a file were, so that a search over minutes need not read days. Reads what was added
 * since the last look alone.
 */
export interface StreamIndexes {
  /** Of a file that is gone there are none. */
  blocksOf(file: string): Promise<Block[]>;
}

export function createStreamIndexes(): StreamIndexes {
  const known = new Map<string, Promise<Indexed>>();
  return {
    async blocksOf(file) {
      const before = known.get(file);
      const now = refreshed(file, before);
      known.set(file, now);
      return (await now).blocks;
    },
  };
}

const NOTHING: Indexed = { inode: 0, end: 0, blocks: [] };

/** Never rejects but for a file that cannot be read. One look at a file after the other. */
async function refreshed(file: string, before: Promise<Indexed> | undefined): Promise<Indexed> {
  const known = (await before?.catch(() => NOTHING)) ?? NOTHING;
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return NOTHING;
  try {
    const { ino, size } = await handle.stat();
    const isSame = ino === known.inode && size >= known.end;
    const { end, blocks } = isSame ? known : NOTHING;
    return size === end ? { ...known, inode: ino, end, blocks } : await extended(file, handle, ino, end, size, blocks);
  } finally {
    await handle.close();
  }
}

async function extended(
  file: string,
  handle: FileHandle,
  inode: number,
  from: number,
  size: number,
  known: Block[],
): Promise<Indexed> {
  const blocks = [...known];
  let end = from;
  while (end < size) {
    const lines = await readLines(handle, end, size, BLOCK);
    if (lines.length === 0) break; // a line that is being written
    const times = timesIn(lines);
    if (times !== undefined) blocks.push({ file, start: end, end: end + lines.length, ...times });
    end += lines.length;
  }
  return { inode, end, blocks };
}

/** Whole lines from a place on: about as many bytes as are wanted, or one line that is longer. Nothing where there is none. */
export async function readLines(handle: FileHandle, from: number, size: number, wanted: number): Promise<Buffer> {
  for (let length = wanted; ; length *= 2) {
    const bytes = Buffer.allocUnsafe(Math.min(length, size - from));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    const whole = bytes.subarray(0, bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1);
    if (whole.length > 0 || bytesRead < length) return whole;
  }
}

/** `undefined` where no line is a log event. */
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

/** The time of the log event that begins here; `undefined` for a line that is none. */
export function timestampAt(bytes: Buffer, start: number): number | undefined {
  const digits = start + HEAD.length;
  if (bytes.compare(HEAD, 0, HEAD.length, start, digits) !== 0) return undefined;
  let [time, at] = [0, digits];
  for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++at] ?? 0) time = time * 10 + byte - 0x30;
  return at === digits || bytes[at] !== 0x2c ? undefined : time;
}
