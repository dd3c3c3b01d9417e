import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UsageError } from "@backend/sst-graph/command-line";

type Chunks = AsyncIterable<Uint8Array>;
type Buffers = readonly [Buffer, Buffer];

/** Bytes that are read at once. */
const CHUNK = 1 << 20;
/**
 * A gzip file that becomes more than this many times as large is not a log but made to take long.
 * Access logs become 5 to
 * 30 times as large; the first bytes may be anything.
 */
const MAX_EXPANSION = 100;
const FREE_BYTES = 64 * 1024 * 1024;
/** CloudWatch Logs writes it to a bucket before an export, to try its permission; it holds no log. */
const EXPORT_PROBE = "aws-logs-write-test";
/** Files of a folder: with more it is hardly one of access logs. */
const MAX_FILES = 10_000;

export interface Input {
  /** Shown with each line of it that cannot be read; absent where there is one input, whose lines have no file. */
  file?: string;
  /** As the reader of the report knows it. */
  name: string;
  /**
   * Each chunk is good until the next is asked for: it may be in one of the buffers, which are for
   * one input at a time.
   */
  open(buffers: Buffers): Chunks;
}

/**
 * Inputs of a path: the file, or every file in a folder and the folders in it, ordered by name.
 * Throws a UsageError for anything else, and for a folder without files.
 *
 * @param given path as the person wrote it: messages name files this way
 */
export async function fileInputs(given: string, cwd: string, signal: AbortSignal): Promise<Input[]> {
  const root = path.resolve(cwd, given);
  const found = await stat(root).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${given}: there is no such file`);
  if (!found.isDirectory()) return [inputOf(given, root)];
  const inputs: Input[] = [];
  for await (const file of filesIn(root)) {
    inputs.push(inputOf(path.join(given, path.relative(root, file)), file));
    if (inputs.length > MAX_FILES) throw new UsageError(`${given} holds more than ${MAX_FILES} files`);
  }
  if (inputs.length === 0) throw new UsageError(`${given} is a folder without files: expected access logs`);
  return inputs;

  function inputOf(name: string, file: string): Input {
    return { file: name, name, open: (buffers) => chunksIn(file, buffers, signal) };
  }
}

/**
 * Files of a folder and the folders in it, by name; no hidden ones, and no symbolic links, which
 * may lead in circles.
 */
async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === EXPORT_PROBE) continue;
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(place);
    else if (entry.isFile()) yield place;
  }
}

/** Reads ahead while what was read is worked on. A chunk is good until the next is asked for. */
async function* chunksIn(file: string, buffers: Buffers, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  let next = handle.read(buffers[0]);
  try {
    for (let turn = 1; ; turn++) {
      const { bytesRead, buffer } = await next;
      signal.throwIfAborted();
      if (bytesRead === 0) return;
      next = handle.read(buffers[(turn % 2) as 0 | 1]);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await next.catch(() => undefined); // what is being read has to end before the file is closed
    await handle.close();
  }
}

export function newBuffers(): Buffers {
  return [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
}

/** The bytes of an input, unpacked where they are gzip, without a byte order mark. */
export async function* chunksOf({ name, open }: Input, buffers: Buffers): AsyncGenerator<Uint8Array> {
  const { first, all } = await peeked(unpacked(open(buffers), name));
  let mark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf ? 3 : 0; // UTF-8
  for await (const chunk of all) {
    yield chunk.subarray(mark);
    mark = 0;
  }
}

/**
 * Bytes as they are, or what they are the gzip of. Throws an Error that names the source where that
 * is damaged, or grows
 * as no log does.
 */
async function* unpacked(chunks: Chunks, name: string): AsyncGenerator<Uint8Array> {
  const { first, all } = await peeked(chunks);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b; // RFC 1952
  if (!isGzip) return yield* all;
  const size = { packed: 0, unpacked: 0 };
  const packed = Readable.from(copied(all, size)); // a stream keeps chunks for later
  const gunzip = createGunzip({ chunkSize: CHUNK });
  packed.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const chunk of packed.pipe(gunzip) as Chunks) {
      size.unpacked += chunk.length;
      if (size.unpacked > FREE_BYTES && size.unpacked > MAX_EXPANSION * size.packed) {
        throw new Error(
          `it becomes more than ${MAX_EXPANSION} times as large, as no access log does. If you trust it, use gunzip -c`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    throw new Error(`${name} cannot be unpacked: ${(error as Error).message}`, { cause: error });
  } finally {
    packed.destroy();
  }
}

async function* copied(chunks: Chunks, size: { packed: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    size.packed += chunk.length;
    yield new Uint8Array(chunk);
  }
}

/** The first chunk, and all of them with it. */
async function peeked(chunks: Chunks): Promise<{ first: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  const first = done ? new Uint8Array() : value;
  return { first, all: everything() };

  async function* everything() {
    if (done) return;
    try {
      yield first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
}
