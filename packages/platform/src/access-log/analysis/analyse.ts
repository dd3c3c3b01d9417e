import type { AccessLogEntry } from "../entry";
import { frameOf } from "./frame";
import { type FieldNames, readAccessLogLine } from "./read-line";
import type { Frame } from "./reader";
import { PROBED } from "./recent";
import type { AccessLogReport } from "./report";
import { createTally } from "./tally";

export interface Analysis {
  /**
   * Begins another input, whose lines are numbered from 1. The last line of the input before may have no line break.
   *
   * @param name stands with the number of a line that cannot be read
   */
  begin(name?: string): void;
  /** Bytes of the log, cut anywhere. */
  push(chunk: Uint8Array): void;
  /** The last line may have no line break. */
  finish(): AccessLogReport;
}

const MAX_SAMPLES = 10;
/**
 * CloudWatch Logs takes events of up to 1 MB; quoted in a log event of `pnpm offline` they are longer.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_LINE_BYTES = 2 * 1024 * 1024;
const LINE_BREAK = 0x0a;
/** Frames of different formats that are kept. */
const MAX_FRAMES = 4;
/** Lines that are tried as a new frame, so that a log whose lines all differ is not slower. */
const MAX_TRIES = 200;

export interface AnalysisOptions {
  /** What another format calls our fields. */
  names?: FieldNames;
  /**
   * Makes the entry that is counted in place of one, with nobody recognisable. Nothing is shown
   * then of lines that cannot be read.
   */
  hide?: (entry: AccessLogEntry) => AccessLogEntry;
}

/**
 * Reads access logs in memory that does not grow with them, and reports what is in them: exactly what
 * `readAccessLogLine` says of each line.
 */
export function analyseAccessLog({ names = {}, hide }: AnalysisOptions = {}): Analysis {
  const tally = createTally();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const samples: AccessLogReport["unparseable"]["samples"] = [];
  const frames: Frame[] = [];
  let tries = 0;
  let rest: Uint8Array = new Uint8Array(0);
  let source: string | undefined;
  let [line, lines, bad] = [0, 0, 0];

  return {
    begin(name) {
      endLine();
      source = name;
      line = 0;
    },
    push(chunk) {
      const first = chunk.indexOf(LINE_BREAK);
      if (first < 0) {
        if (rest.length < MAX_LINE_BYTES) rest = joined(rest, chunk);
        return;
      }
      if (rest.length > 0) {
        scan(joined(rest, chunk.subarray(0, first + 1)));
        scan(chunk.subarray(first + 1));
      } else scan(chunk);
    },
    finish() {
      endLine();
      return { lines, ...tally.report(), unparseable: { lines: bad, samples } };
    },
  };

  function endLine(): void {
    if (rest.length > 0) scan(joined(rest, new Uint8Array([LINE_BREAK])));
  }

  /** Reads the whole lines in some bytes, and keeps what is left of them. */
  function scan(chunk: Uint8Array): void {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength); // no Buffer: what meets one kind only is faster
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (let next = 0; at < bytes.length; at = next) {
      if (bytes[at] === LINE_BREAK) {
        line++;
        next = at + 1;
        continue;
      }
      next = readFast(bytes, view, at);
      if (next > 0) continue;
      const end = bytes.indexOf(LINE_BREAK, at);
      if (end < 0) break;
      next = end + 1;
      if (next + PROBED > bytes.length && readPadded(bytes.subarray(at, next))) continue;
      line++;
      const text = bytes.subarray(at, end);
      if (readSlowly(text) && tries < MAX_TRIES && hide === undefined) learn(text);
    }
    rest = new Uint8Array(bytes.subarray(at)); // a copy: the caller may use the chunk again
  }

  /** @returns where the next line begins; -1 where this one has to be read in another way */
  function readFast(bytes: Uint8Array, view: DataView, start: number): number {
    for (const frame of frames) {
      const next = frame.read(bytes, view, start);
      if (next < 0) continue;
      line++;
      lines++;
      tally.count(frame.match, bytes, view);
      return next;
    }
    return -1;
  }

  /** A frame looks beyond the end of a line: where nothing follows, zeros have to. */
  function readPadded(text: Uint8Array): boolean {
    const padded = joined(text, new Uint8Array(PROBED));
    return readFast(padded, new DataView(padded.buffer), 0) > 0;
  }

  function learn(text: Uint8Array): void {
    tries++;
    const frame = frameOf(text, names, tally.recents);
    if (frame === undefined) return;
    frames.unshift(frame);
    frames.length = Math.min(frames.length, MAX_FRAMES);
  }

  /** @returns whether it is an entry */
  function readSlowly(bytes: Uint8Array): boolean {
    if (bytes.length > MAX_LINE_BYTES) {
      lines++;
      return refuse(`longer than ${MAX_LINE_BYTES} bytes`, decoder.decode(bytes.subarray(0, 200)));
    }
    const text = decoder.decode(bytes);
    if (text.trim() === "") return false;
    lines++;
    const parsed = readAccessLogLine(text, names);
    if (parsed.ok) {
      tally.countEntry(hide?.(parsed.entry) ?? parsed.entry);
      return true;
    }
    return refuse(parsed.reason, parsed.sample);
  }

  function refuse(reason: string, sample: string): false {
    bad++;
    const shown = hide === undefined ? sample : "(withheld)";
    if (samples.length < MAX_SAMPLES) {
      samples.push({ ...(source !== undefined && { source }), line, reason, sample: shown });
    }
    return false;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
