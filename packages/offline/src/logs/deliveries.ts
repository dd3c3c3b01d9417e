import { existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";

import { replaceFile } from "@secure-backend/launch/replace-file";

import type { LogGroups, StoredStream } from "./groups";
import { parseEvents, type StoredEvent } from "./read-events";
import { readLines } from "./stream-index";

/** What a subscription has delivered of one stream: whatever lies before `delivered`. `pending` is the end of what it has begun to deliver. */
interface Position {
  inode: number;
  delivered: number;
  pending?: number;
}

/** A stretch of one stream. */
export interface Batch {
  stream: StoredStream;
  events: StoredEvent[];
}

/** Bytes of a stream that are delivered together, about. */
const BATCH = 512 * 1024;

export interface Deliveries {
  /**
   * The next batch of each stream with something new. A batch that was begun and not ended, also by another process, comes again
   * as it was: who counts deliveries by their log events counts none of them twice.
   */
  next(): AsyncGenerator<Batch & { done(): void }>;
}

/**
 * How far a subscription has come in the streams of its group, kept in a file. A new one begins at the end of what is there: what was logged
 * before is not delivered on AWS either.
 */
export async function openDeliveries(file: string, group: string, groups: LogGroups): Promise<Deliveries> {
  const positions = new Map<string, Position>(
    Object.entries(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {}),
  );
  if (!existsSync(file)) {
    for (const { name, inode, bytes } of await groups.streamsOf(group))
      positions.set(name, { inode, delivered: bytes });
    save();
  }
  return { next };

  async function* next(): AsyncGenerator<Batch & { done(): void }> {
    for (const stream of await groups.streamsOf(group)) {
      const position = positionOf(stream);
      if (stream.bytes <= position.delivered) continue;
      const lines = await linesAfter(stream, position);
      if (lines.length === 0) continue;
      const pending = position.delivered + lines.length;
      positions.set(stream.name, { ...position, pending });
      save();
      const events = parseEvents(lines, position.delivered, stream, () => true);
      const done = () => {
        positions.set(stream.name, { inode: stream.inode, delivered: pending });
        save();
      };
      yield { stream, events, done };
    }
  }

  /** From the start where the file is not the one that was read. */
  function positionOf({ name, inode, bytes }: StoredStream): Position {
    const known = positions.get(name);
    return known === undefined || known.inode !== inode || known.delivered > bytes ? { inode, delivered: 0 } : known;
  }

  function save(): void {
    replaceFile(file, `${JSON.stringify(Object.fromEntries(positions))}\n`);
  }
}

async function linesAfter({ file, bytes }: StoredStream, { delivered, pending }: Position): Promise<Buffer> {
  const handle = await open(file);
  try {
    if (pending === undefined || pending > bytes) return await readLines(handle, delivered, bytes, BATCH);
    const again = Buffer.alloc(pending - delivered);
    await handle.read(again, 0, again.length, delivered);
    return again;
  } finally {
    await handle.close();
  }
}
