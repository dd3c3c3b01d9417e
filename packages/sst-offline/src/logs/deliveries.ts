import { existsSync } from "node:fs";
import { open } from "node:fs/promises";

import { replaceFile } from "@backend/launch/replace-file";

import { isRecord } from "../kit/json";
import { readOrSetAside } from "../kit/state-file";
import type { Notice } from "./group-file";
import type { LogGroups, StoredStream } from "./groups";
import { parseEvents, type StoredEvent } from "./read-events";
import { readLines } from "./stream-index";

/**
 * Byte offsets in one stream. Everything before `delivered` is done; the bytes from `delivered` to
 * `pending` were being delivered when the file was written.
 */
interface Position {
  inode: number;
  delivered: number;
  pending?: number;
}

/** Consecutive log events of one stream. */
export interface Batch {
  stream: StoredStream;
  events: StoredEvent[];
}

/** Approximate size of a batch. */
const BATCH_BYTES = 512 * 1024;

export interface Deliveries {
  /**
   * Yields the next batch of each stream with new log events. An unfinished batch comes again
   * unchanged, even if another process had started it. So a consumer can recognize a repeated batch
   * by its log events.
   */
  next(): AsyncGenerator<Batch & { done(): void }>;
  /** Stops all writing to the file, so that another subscription may use it. */
  close(): void;
}

export interface DeliveriesOptions {
  /** Stores the positions of the subscription. */
  file: string;
  group: string;
  groups: LogGroups;
  notice: Notice;
}

/**
 * Opens the positions of a subscription in the streams of its group. A new subscription starts at
 * the end of each stream, as on AWS: older log events are not delivered. A subscription whose file
 * is damaged does the same, with a notice.
 */
export async function openDeliveries({ file, group, groups, notice }: DeliveriesOptions): Promise<Deliveries> {
  let positions = new Map<string, Position>();
  let isClosed = false;
  await load();
  return {
    next,
    close: () => {
      isClosed = true;
    },
  };

  async function load(): Promise<void> {
    const consequence = `Deliveries of ${group} continue with new log events.`;
    const saved = readOrSetAside(file, arePositions, { notice, consequence });
    if (saved !== undefined) positions = new Map(Object.entries(saved));
    else await startAtEnd();
  }

  async function startAtEnd(): Promise<void> {
    const streams = await groups.streamsOf(group);
    positions = new Map(streams.map(({ name, inode, bytes }) => [name, { inode, delivered: bytes }]));
    save();
  }

  async function* next(): AsyncGenerator<Batch & { done(): void }> {
    if (!existsSync(file)) save(); // the file was deleted while in use
    const streams = await groups.streamsOf(group);
    forgetAllBut(streams);
    for (const stream of streams) {
      const position = positionOf(stream);
      if (stream.bytes <= position.delivered) continue;
      const lines = await linesAfter(stream, position);
      if (lines.length === 0 || isClosed) continue;
      const pending = position.delivered + lines.length;
      positions.set(stream.name, { ...position, pending });
      save();
      const events = parseEvents(lines, position.delivered, stream, () => true);
      const done = () => {
        if (isClosed) return;
        positions.set(stream.name, { inode: stream.inode, delivered: pending });
        save();
      };
      yield { stream, events, done };
    }
  }

  function forgetAllBut(streams: StoredStream[]): void {
    const names = new Set(streams.map(({ name }) => name));
    for (const name of positions.keys()) if (!names.has(name)) positions.delete(name);
  }

  /** Returns the start of the file if it is not the file that was read before. */
  function positionOf({ name, inode, bytes }: StoredStream): Position {
    const position = positions.get(name);
    const isSame = position !== undefined && position.inode === inode && position.delivered <= bytes;
    return isSame ? position : { inode, delivered: 0 };
  }

  function save(): void {
    if (!isClosed) replaceFile(file, `${JSON.stringify(Object.fromEntries(positions))}\n`);
  }
}

function arePositions(value: unknown): value is Record<string, Position> {
  return isRecord(value) && Object.values(value).every(isPosition);
}

function isPosition(value: unknown): value is Position {
  if (!isRecord(value)) return false;
  const { inode, delivered, pending = delivered } = value;
  const areOffsets = [inode, delivered, pending].every((offset) => Number.isSafeInteger(offset) && Number(offset) >= 0);
  return areOffsets && Number(pending) >= Number(delivered);
}

/** Returns nothing for a deleted stream, and for an unfinished last line. */
async function linesAfter({ file, bytes }: StoredStream, { delivered, pending }: Position): Promise<Buffer> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return Buffer.alloc(0);
  try {
    if (pending === undefined || pending > bytes) return await readLines(handle, delivered, bytes, BATCH_BYTES);
    const repeated = Buffer.alloc(pending - delivered);
    await handle.read(repeated, 0, repeated.length, delivered);
    return repeated;
  } finally {
    await handle.close();
  }
}
