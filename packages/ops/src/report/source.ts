import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UsageError } from "@backend/sst-graph/command-line";

type Chunks = AsyncIterable<Uint8Array>;
type Buffers = readonly [Buffer, Buffer];

const CHUNK_BYTES = 1 << 20;
/** Rejects decompression bombs. Access logs have a compression ratio of 5 to 30. */
const MAX_COMPRESSION_RATIO = 100;
/** The ratio is checked from this size on. */
const MIN_CHECKED_BYTES = 64 * 1024 * 1024;
/**
 * CloudWatch Logs writes this file before an export, to test its permission. It contains no log.
 */
const EXPORT_PROBE = "aws-logs-write-test";
/** A folder with more files is probably the wrong one. */
const MAX_FILES = 10_000;

export interface Input {
  /**
   * Name shown with each unparseable line; absent if there is only one input and it is not a file.
   */
  file?: string;
  /** Name in the heading of the report and in errors. */
  name: string;
  /**
   * Reads the input. A chunk is valid until the next one is requested, because it may be in a
   * buffer. Use the buffers for one input at a time.
   */
  open(buffers: Buffers): Chunks;
}

/**
 * Returns the inputs of a path: the file, or all files of a folder and its subfolders, ordered by
 * name. Throws a UsageError for anything else, and for a folder without files.
 *
 * @param given path as the user wrote it, for messages
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
 * Lists the files of a folder and its subfolders by name. Skips hidden files, and symbolic links,
 * which may form a cycle.
 */
async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === EXPORT_PROBE) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(file);
    else if (entry.isFile()) yield file;
  }
}

/** Reads the next chunk while the current one is processed. A chunk is valid until the next one. */
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
    await next.catch(() => undefined); // the pending read must end before the file is closed
    await handle.close();
  }
}

export function newBuffers(): Buffers {
  return [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
}

/** Reads an input, decompresses gzip and removes a byte order mark. */
export async function* chunksOf({ name, open }: Input, buffers: Buffers): AsyncGenerator<Uint8Array> {
  const { first, all } = await peek(unpack(open(buffers), name));
  let mark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf ? 3 : 0; // UTF-8
  for await (const chunk of all) {
    yield chunk.subarray(mark);
    mark = 0;
  }
}

/**
 * Decompresses gzip, and passes other bytes through. Throws an Error that names the input if it is
 * damaged or a decompression bomb.
 */
async function* unpack(chunks: Chunks, name: string): AsyncGenerator<Uint8Array> {
  const { first, all } = await peek(chunks);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b; // RFC 1952
  if (!isGzip) return yield* all;
  const size = { packed: 0, unpacked: 0 };
  const packed = Readable.from(copyChunks(all, size)); // copies, because a stream buffers chunks
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  packed.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const chunk of packed.pipe(gunzip) as Chunks) {
      size.unpacked += chunk.length;
      if (size.unpacked > MIN_CHECKED_BYTES && size.unpacked > MAX_COMPRESSION_RATIO * size.packed) {
        throw new Error(
          `compression ratio above ${MAX_COMPRESSION_RATIO}. If you trust it, use gunzip -c and read standard input`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    throw new Error(`${name} cannot be decompressed: ${(error as Error).message}`, { cause: error });
  } finally {
    packed.destroy();
  }
}

async function* copyChunks(chunks: Chunks, size: { packed: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    size.packed += chunk.length;
    yield new Uint8Array(chunk);
  }
}

/** Returns the first chunk, and all chunks including the first. */
async function peek(chunks: Chunks): Promise<{ first: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  const first = done ? new Uint8Array() : value;
  return { first, all: chunksFromStart() };

  async function* chunksFromStart() {
    if (done) return;
    try {
      yield first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
}
