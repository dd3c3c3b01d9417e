import { open } from "node:fs/promises";

import type { Matches } from "./pattern-text";
import { type Block, timestampAt } from "./stream-index";

/** A log event of a stream. */
export interface StoredEvent {
  /**
   * Unique, and in the order of time: AWS's are the timestamp in the upper bits of a number of 56
   * digits, too.
   */
  id: bigint;
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
  stream: StreamPlace;
}

export interface StreamPlace {
  name: string;
  /** Tells the streams of a group apart in ids: at most 48 bits. */
  tag: bigint;
}

export interface EventQuery {
  blocks: Block[];
  streamOf(file: string): StreamPlace;
  /** Epoch milliseconds, both inclusive. */
  from: number;
  to: number;
  matches?: Matches | undefined;
  /** Forward: those after this id. Backward: those before it. */
  direction: "forward" | "backward";
  position?: bigint | undefined;
  limit: number;
}

export interface EventPage {
  /** Oldest first. */
  events: StoredEvent[];
  /** Where to go on; absent where everything in the range was read. */
  position?: bigint;
}

/**
 * Of a page:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
const PAGE_BYTES = 1_048_576;
/** Bytes that are read for one page: then it ends, with what was found. */
const READ_BYTES = 32 * 1024 * 1024;

const SHIFT = 144n;
const OFFSET_BITS = 96n;
const MIDDLE = ',"message":';

/** The least id that an event of a time can have. */
export function idFloor(timestamp: number): bigint {
  return BigInt(timestamp) << SHIFT;
}

/**
 * Log events of several streams together, by time. Blocks are read in the order in which their
 * events can be the next ones, until the page is full and nothing unread can come before its last
 * event.
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
    // Whatever has not been read is at this time or after it; going backward, before it.
    const isSettled = ({ timestamp }: StoredEvent) => (forward ? timestamp < block.first : timestamp > block.last);
    if (found.length >= limit) {
      const settled = found.filter(isSettled);
      const last = settled.length >= limit ? sorted(settled)[limit - 1] : undefined;
      if (last !== undefined) return page(settled, last.id);
    }
    const next = forward ? idFloor(block.first) : idFloor(block.last + 1);
    if (read >= READ_BYTES && isNext(next)) return page(sorted(found.filter(isSettled)), forward ? next - 1n : next);
    for (const event of await eventsIn(block, query)) if (isNext(event.id)) found.push(event);
    read += block.end - block.start;
    if (found.length > 2 * limit + 1000) found = sorted(found).slice(0, limit + 1); // no later one can be in the page
  }
  return page(sorted(found), undefined);

  /** @param rest where to go on when all of these are in the page; absent where nothing follows */
  function page(inOrder: StoredEvent[], rest: bigint | undefined): EventPage {
    let [count, bytes] = [0, 0];
    for (const { message } of inOrder) {
      bytes += Buffer.byteLength(message) + 26;
      if (count === limit || (count > 0 && bytes > PAGE_BYTES)) break;
      count++;
    }
    const events = inOrder.slice(0, count);
    const goOn = count < inOrder.length ? events.at(-1)?.id : rest;
    return { events: forward ? events : events.reverse(), ...(goOn !== undefined && { position: goOn }) };
  }
}

function compare(a: bigint, b: bigint, forward: boolean): number {
  if (a === b) return 0;
  return a < b === forward ? -1 : 1;
}

/**
 * The events of a block that match, in the order of the file; none of a file that was deleted.
 */
async function eventsIn(block: Block, { streamOf, from, to, matches }: EventQuery): Promise<StoredEvent[]> {
  return parseEvents(await bytesOf(block), block.start, streamOf(block.file), (timestamp, message) => {
    return timestamp >= from && timestamp <= to && matches?.(message()) !== false;
  });
}

/**
 * The log events in whole lines of a stream that are wanted; lines that are none are passed over.
 *
 * @param start where in the file the bytes begin
 */
export function parseEvents(
  bytes: Buffer,
  start: number,
  stream: StreamPlace,
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
    const id = idFloor(timestamp) | (stream.tag << OFFSET_BITS) | BigInt(start + at);
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

/** The message as it was written: JSON is kept as it is, any other text as a JSON string. */
function messageOf(line: string): string {
  const text = line.slice(line.indexOf(MIDDLE) + MIDDLE.length, -1);
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text; // not written by this service
  }
}
