import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { UsageError } from "../usage-error";
import { isWrapped, type Rewriting, rewritten } from "./rewrite";

type Chunks = AsyncIterable<Uint8Array>;

const LINE_BREAK = new Uint8Array([10]);

export interface Input {
  /** As the reader of the report knows it. */
  name: string;
  open(): Chunks;
}

/** Throws a UsageError for a path that is not a file. */
export async function fileInput(file: string, signal: AbortSignal): Promise<Input> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${file}: there is no such file`);
  if (found.isDirectory()) throw new UsageError(`${file} is a folder: expected a file`);
  return { name: file, open: () => createReadStream(file, { highWaterMark: 1 << 18, signal }) };
}

/** The lines of all inputs, one after the other: unpacked where they are gzip, rewritten where that is asked or needed. */
export async function* linesOf(inputs: Input[], rewriting: Rewriting | undefined): AsyncGenerator<Uint8Array> {
  for (const { name, open } of inputs) {
    const { first, all } = await peeked(unpacked(open(), name));
    const wrapped = isWrapped(Buffer.from(first.subarray(0, 64)).toString("latin1"));
    yield* rewriting === undefined && !wrapped ? all : rewritten(all, rewriting ?? { names: {} });
    yield LINE_BREAK; // the last line of a file may have none
  }
}

/** Bytes as they are, or what they are the gzip of. Throws an Error that names the source where that is damaged. */
async function* unpacked(chunks: Chunks, name: string): AsyncGenerator<Uint8Array> {
  const { first, all } = await peeked(chunks);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b; // RFC 1952
  if (!isGzip) return yield* all;
  const packed = Readable.from(all);
  const gunzip = createGunzip();
  packed.on("error", (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip) as Chunks;
  } catch (error) {
    throw new Error(`${name} cannot be unpacked: ${(error as Error).message}`, { cause: error });
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
