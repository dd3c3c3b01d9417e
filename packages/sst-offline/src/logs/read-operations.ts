import { compileFilterPattern } from "./filter-pattern";
import type { LogGroups, StoredStream } from "./groups";
import { constraint, flag, groupNameIn, invalid, notFound, streamNameIn, textIn, wholeNumber } from "./input";
import type { Operation } from "./operation";
import { PatternError } from "./pattern-text";
import { idFloor, readEvents, type StoredEvent } from "./read-events";
import type { StreamIndexes } from "./stream-index";

type Input = Parameters<Operation>[0];

/** Limits the log events of a page. */
const MAX_EVENTS = 10_000;
const FOREVER = Number.MAX_SAFE_INTEGER;

/** The operations that read log events. */
export function readOperations(groups: LogGroups, indexes: StreamIndexes): Record<string, Operation> {
  return {
    async FilterLogEvents(input) {
      const names = streamNamesIn(input);
      const prefix = textIn(input, "logStreamNamePrefix");
      if (names !== undefined && prefix !== undefined)
        throw invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
      const token = textIn(input, "nextToken");
      const matches = matcherOf(textIn(input, "filterPattern") ?? "");
      const limit = wholeNumber(input, "limit", 1, MAX_EVENTS, MAX_EVENTS);
      const range = rangeOf(input);
      const position = token === undefined ? undefined : positionOf(token, /^page-(\d{1,56})$/);
      const wanted = names && new Set(names);
      const isWanted = (name: string) => wanted?.has(name) ?? name.startsWith(prefix ?? "");
      const streams = await streamsOf(groupNameIn(input), isWanted);
      if (wanted !== undefined && streams.length < wanted.size) throw notFound("log stream");
      const page = await read(streams, { ...range, matches, direction: "forward", position, limit });
      return {
        events: page.events.map((event) => ({
          logStreamName: event.stream.name,
          ...toLogEvent(event),
          eventId: idText(event.id),
        })),
        searchedLogStreams: [],
        ...(page.position !== undefined && { nextToken: `page-${page.position}` }),
      };
    },

    async GetLogEvents(input) {
      const group = groupNameIn(input);
      const name = streamNameIn(input);
      const limit = wholeNumber(input, "limit", 1, MAX_EVENTS, MAX_EVENTS);
      const { from, to } = rangeOf(input);
      const token = textIn(input, "nextToken");
      const position = token === undefined ? undefined : positionOf(token, /^[fb]\/(\d{56})\/s$/);
      const startFromHead = flag(input, "startFromHead", false);
      const isForward = token === undefined ? startFromHead : token.startsWith("f");
      const [stream] = await streamsOf(group, (candidate) => candidate === name);
      if (stream === undefined) throw notFound("log stream");
      const range = { from, to: to === FOREVER ? to : to - 1 }; // exclusive here, but inclusive in FilterLogEvents
      const direction = isForward ? "forward" : "backward";
      const events = await readUpTo(limit, (at, rest) =>
        read([stream], { ...range, direction, position: at ?? position, limit: rest }),
      );
      const first = events[0]?.id ?? position ?? (startFromHead ? 0n : idFloor(Date.now()));
      const last = events.at(-1)?.id ?? position ?? first;
      return {
        events: events.map(toLogEvent),
        nextForwardToken: `f/${idText(last)}/s`,
        nextBackwardToken: `b/${idText(first)}/s`,
      };
    },
  };

  async function streamsOf(group: string, isWanted: (name: string) => boolean): Promise<StoredStream[]> {
    if ((await groups.find(group)) === undefined) throw notFound("log group");
    return groups.streamsOf(group, isWanted);
  }

  type Wanted = Omit<Parameters<typeof readEvents>[0], "blocks" | "streamOf">;
  async function read(streams: StoredStream[], wanted: Wanted) {
    const byFile = new Map(streams.map((stream) => [stream.file, stream]));
    const blocks = await indexes.blocksOf(streams);
    const streamOf = (file: string) => byFile.get(file) as StoredStream;
    return readEvents({ ...wanted, blocks, streamOf });
  }
}

/**
 * Reads until there are log events. An empty page of GetLogEvents means the end of the stream, so a
 * page must not be empty only because its blocks contain no match.
 */
async function readUpTo(limit: number, read: (at: bigint | undefined, rest: number) => ReturnType<typeof readEvents>) {
  let page = await read(undefined, limit);
  while (page.events.length === 0 && page.position !== undefined) page = await read(page.position, limit);
  return page.events;
}

function toLogEvent({ timestamp, message }: StoredEvent) {
  return { timestamp, message, ingestionTime: timestamp };
}

function idText(id: bigint): string {
  return String(id).padStart(56, "0");
}

function positionOf(token: string, form: RegExp): bigint {
  const [, digits] = form.exec(token) ?? [];
  if (digits === undefined) throw invalid("The specified nextToken is invalid.");
  return BigInt(digits);
}

function rangeOf(input: Input): { from: number; to: number } {
  return {
    from: wholeNumber(input, "startTime", 0, FOREVER, 0),
    to: wholeNumber(input, "endTime", 0, FOREVER, FOREVER),
  };
}

function streamNamesIn({ logStreamNames }: Input): string[] | undefined {
  if (logStreamNames === undefined || logStreamNames === null) return undefined;
  const isList = Array.isArray(logStreamNames) && logStreamNames.every((name) => typeof name === "string");
  if (!isList || logStreamNames.length === 0 || logStreamNames.length > 100)
    throw constraint("logStreamNames", logStreamNames, "be a list of 1 to 100 names");
  return logStreamNames;
}

function matcherOf(pattern: string) {
  if (pattern.length > 1024) throw constraint("filterPattern", pattern, "have length less than or equal to 1024");
  try {
    return pattern.trim() === "" ? undefined : compileFilterPattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw invalid(`Invalid filter pattern: ${error.message}`);
    throw error;
  }
}
