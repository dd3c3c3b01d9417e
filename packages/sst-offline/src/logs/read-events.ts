import { open } from "node:fs/promises";

import type { Matches } from "./pattern-text";
import { type Block, timestampAt } from "./stream-index";

/** A log event of a stream. */
export interface StoredEvent {
  /** Unique and ordered by time. As on AWS, the upper bits of its 56 digits are the timestamp. */
  id: bigint;
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
  stream: StreamRef;
}

export interface StreamRef {
  name: string;
  /** Distinguishes the streams of a group in ids. At most 48 bits. */
  tag: bigint;
}

export interface EventQuery {
  blocks: Block[];
  streamOf(file: string): StreamRef;
  /** Epoch milliseconds, both inclusive. */
  from: number;
  to: number;
  matches?: Matches | undefined;
  /** Forward reads log events after `position`, backward those before it. */
  direction: "forward" | "backward";
  position?: bigint | undefined;
  limit: number;
}

export interface EventPage {
  /** Oldest first. */
  events: StoredEvent[];
  /** Start of the next page. Absent if the range is complete. */
  position?: bigint;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
const MAX_PAGE_BYTES = 1_048_576;
/** Limits the bytes read for one page. The page then ends with the log events found so far. */
const MAX_READ_BYTES = 32 * 1024 * 1024;

const TIMESTAMP_SHIFT = 144n;
const TAG_SHIFT = 96n;
const MESSAGE_KEY = ',"message":';

/** Returns the smallest id of a log event with this timestamp. */
export function idFloor(timestamp: number): bigint {
  return BigInt(timestamp) << TIMESTAMP_SHIFT;
}

/**
 * Reads a page of log events from several streams, ordered by time. It reads blocks in the order of
 * their times, until the page is full and no unread log event can belong to it.
 */
export async function readEvents(query: EventQuery): Promise<EventPage> {
  const { from, to, direction, position, limit } = query;
  const forward = direction === "forward";
  const isNext = (id: bigint) => position === undefined || (forward ? id > position : id < position);
  const blocks = query.blocks
    .filter(({ first, last }) => last >= from && first <= to)
    .filter(
      ({ first, last }) =>
        position === undefined || (forward ? idFloor(last + 1) > position : idFloor(first) < position),
    )
    .sort((a, b) => (forward ? a.first - b.first : b.last - a.last));
  let found: StoredEvent[] = [];
  const sorted = (events: StoredEvent[]) => events.sort((a, b) => compare(a.id, b.id, forward));
  let read = 0;
  for (const block of blocks) {
    // Unread log events are at the block's first time or later; backward, at its last time or
    // earlier.
    const isSettled = ({ timestamp }: StoredEvent) => (forward ? timestamp < block.first : timestamp > block.last);
    if (found.length >= limit) {
      const settled = found.filter(isSettled);
      const last = settled.length >= limit ? sorted(settled)[limit - 1] : undefined;
      if (last !== undefined) return page(settled, last.id);
    }
    const next = forward ? idFloor(block.first) : idFloor(block.last + 1);
    if (read >= MAX_READ_BYTES && isNext(next))
      return page(sorted(found.filter(isSettled)), forward ? next - 1n : next);
    for (const event of await eventsIn(block, query)) if (isNext(event.id)) found.push(event);
    read += block.end - block.start;
    if (found.length > 2 * limit + 1000) found = sorted(found).slice(0, limit + 1); // later ones cannot be in the page
  }
  return page(sorted(found), undefined);

  /** @param rest start of the next page if all these log events fit; absent if none follow */
  function page(inOrder: StoredEvent[], rest: bigint | undefined): EventPage {
    let [count, bytes] = [0, 0];
    for (const { message } of inOrder) {
      bytes += Buffer.byteLength(message) + 26;
      if (count === limit || (count > 0 && bytes > MAX_PAGE_BYTES)) break;
      count++;
    }
    const events = inOrder.slice(0, count);
    const nextPosition = count < inOrder.length ? events.at(-1)?.id : rest;
    return {
      events: forward ? events : events.reverse(),
      ...(nextPosition !== undefined && { position: nextPosition }),
    };
  }
}

function compare(a: bigint, b: bigint, forward: boolean): number {
  if (a === b) return 0;
  return a < b === forward ? -1 : 1;
}

/**
 * Returns the matching log events of a block in the order of the file; none if the file is deleted.
 */
async function eventsIn(block: Block, { streamOf, from, to, matches }: EventQuery): Promise<StoredEvent[]> {
  return parseEvents(await bytesOf(block), block.start, streamOf(block.file), (timestamp, message) => {
    return timestamp >= from && timestamp <= to && matches?.(message()) !== false;
  });
}

/**
 * Parses complete lines of a stream and returns the wanted log events. Skips lines that are not log
 * events.
 *
 * @param start offset of the bytes in the file
 */
export function parseEvents(
  bytes: Buffer,
  start: number,
  stream: StreamRef,
  isWanted: (timestamp: number, message: () => string) => boolean,
): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let at = 0, end = 0; at < bytes.length; at = end + 1) {
    end = bytes.indexOf(0x0a, at);
    if (end < 0) break;
    const timestamp = timestampAt(bytes, at);
    if (timestamp === undefined) continue;
    let message: string | undefined;
    const line = [at, end] as const;
    const read = () => {
      message ??= messageOf(bytes.toString("utf8", ...line));
      return message;
    };
    if (!isWanted(timestamp, read)) continue;
    const id = idFloor(timestamp) | (stream.tag << TAG_SHIFT) | BigInt(start + at);
    events.push({ id, timestamp, message: read(), stream });
  }
  return events;
}

async function bytesOf({ file, start, end }: Block): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const bytes = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Returns the original message. The file stores JSON unchanged, and other text as a JSON string.
 */
function messageOf(line: string): string {
  const text = line.slice(line.indexOf(MESSAGE_KEY) + MESSAGE_KEY.length, -1);
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text; // not written by this service
  }
}
