import { open, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UsageError } from "@secure-backend/graph/command-line";

type Chunks = AsyncIterable<Uint8Array>;
type Buffers = readonly [Buffer, Buffer];

/** Bytes that are read at once. */
const CHUNK = 1 << 20;
const LINE_BREAK = new Uint8Array([10]);

export interface Input {
  /** As the reader of the report knows it. */
  name: string;
  /**
   * Each chunk is good until the next is asked for: it may be in one of the buffers, which are for
   * one input at a time.
   */
  open(buffers: Buffers): Chunks;
}

/** Throws a UsageError for a path that is not a file. */
export async function fileInput(file: string, signal: AbortSignal): Promise<Input> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${file}: there is no such file`);
  if (found.isDirectory()) throw new UsageError(`${file} is a folder: expected a file`);
  return { name: file, open: (buffers) => chunksIn(file, buffers, signal) };
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

/** The lines of all inputs, one after the other, unpacked where they are gzip. */
export async function* linesOf(inputs: Input[]): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
  for (const { name, open } of inputs) {
    const { first, all } = await peeked(unpacked(open(buffers), name));
    let mark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf ? 3 : 0; // the byte order mark of UTF-8
    for await (const chunk of all) {
      yield chunk.subarray(mark);
      mark = 0;
    }
    yield LINE_BREAK; // the last line of a file may have none
  }
}

/** Bytes as they are, or what they are the gzip of. Throws an Error that names the source where that is damaged. */
async function* unpacked(chunks: Chunks, name: string): AsyncGenerator<Uint8Array> {
  const { first, all } = await peeked(chunks);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b; // RFC 1952
  if (!isGzip) return yield* all;
  const packed = Readable.from(copied(all)); // a stream keeps chunks for later
  const gunzip = createGunzip({ chunkSize: CHUNK });
  packed.on("error", (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip) as Chunks;
  } catch (error) {
    throw new Error(`${name} cannot be unpacked: ${(error as Error).message}`, { cause: error });
  }
}

async function* copied(chunks: Chunks): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield new Uint8Array(chunk);
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
