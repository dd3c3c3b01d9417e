import type { AccessLogEntry } from "../entry";
import { frameOf } from "./frame";
import { type FieldNames, readAccessLogLine } from "./read-line";
import type { Frame } from "./reader";
import { PROBE_BYTES } from "./recent";
import type { AccessLogReport } from "./report";
import { createTally } from "./tally";

export interface Analysis {
  /**
   * Starts the next input and numbers its lines from 1. Ends the last line of the previous input.
   *
   * @param name shown with the number of an unparseable line
   */
  begin(name?: string): void;
  /** Adds bytes of the log. A chunk may end in the middle of a line. */
  push(chunk: Uint8Array): void;
  /** Ends the last line and returns the report. */
  finish(): AccessLogReport;
}

const MAX_SAMPLES = 10;
/**
 * CloudWatch Logs accepts events of up to 1 MB. `pnpm offline` quotes them, which makes them
 * longer. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_LINE_BYTES = 2 * 1024 * 1024;
const LINE_BREAK = 0x0a;
/** Formats that are remembered. */
const MAX_FRAMES = 4;
/** Limits the attempts to learn a format, so that a log of many formats is not slower. */
const MAX_FRAME_ATTEMPTS = 200;

export interface AnalysisOptions {
  /** Names of our fields in another format. */
  names?: FieldNames;
  /**
   * Returns an entry that identifies nobody, to be counted instead. The report then has no samples
   * of unparseable lines.
   */
  hide?: (entry: AccessLogEntry) => AccessLogEntry;
}

/**
 * Analyses access logs in constant memory. Reads each line exactly as `readAccessLogLine` does, but
 * faster if many lines have the same format.
 */
export function analyseAccessLog({ names = {}, hide }: AnalysisOptions = {}): Analysis {
  const tally = createTally();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const samples: AccessLogReport["unparseable"]["samples"] = [];
  const frames: Frame[] = [];
  let frameAttempts = 0;
  let partialLine: Uint8Array = new Uint8Array(0);
  let source: string | undefined;
  let [line, lines, unparseable] = [0, 0, 0];

  return {
    begin(name) {
      endLine();
      source = name;
      line = 0;
    },
    push(chunk) {
      const first = chunk.indexOf(LINE_BREAK);
      if (first < 0) {
        if (partialLine.length < MAX_LINE_BYTES) partialLine = concatenate(partialLine, chunk);
        return;
      }
      if (partialLine.length > 0) {
        scan(concatenate(partialLine, chunk.subarray(0, first + 1)));
        scan(chunk.subarray(first + 1));
      } else scan(chunk);
    },
    finish() {
      endLine();
      return { lines, ...tally.report(), unparseable: { lines: unparseable, samples } };
    },
  };

  function endLine(): void {
    if (partialLine.length > 0) scan(concatenate(partialLine, new Uint8Array([LINE_BREAK])));
  }

  /** Reads the complete lines of a chunk and keeps the rest. */
  function scan(chunk: Uint8Array): void {
    // Never a Buffer: code that always gets the same class is faster.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
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
      if (next + PROBE_BYTES > bytes.length && readPadded(bytes.subarray(at, next))) continue;
      line++;
      const text = bytes.subarray(at, end);
      if (readAnyFormat(text) && frameAttempts < MAX_FRAME_ATTEMPTS && hide === undefined) learn(text);
    }
    partialLine = new Uint8Array(bytes.subarray(at)); // a copy, because the caller may reuse the chunk
  }

  /** @returns the offset of the next line, or -1 if no frame fits this one */
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

  /** Appends zeros to the last line of a chunk, because a frame reads beyond the end of a line. */
  function readPadded(text: Uint8Array): boolean {
    const padded = concatenate(text, new Uint8Array(PROBE_BYTES));
    return readFast(padded, new DataView(padded.buffer), 0) > 0;
  }

  function learn(text: Uint8Array): void {
    frameAttempts++;
    const frame = frameOf(text, names, tally.recents);
    if (frame === undefined) return;
    frames.unshift(frame);
    frames.length = Math.min(frames.length, MAX_FRAMES);
  }

  /** @returns true if the line is an entry */
  function readAnyFormat(bytes: Uint8Array): boolean {
    if (bytes.length > MAX_LINE_BYTES) {
      lines++;
      return countUnparseable(`longer than ${MAX_LINE_BYTES} bytes`, decoder.decode(bytes.subarray(0, 200)));
    }
    const text = decoder.decode(bytes);
    if (text.trim() === "") return false;
    lines++;
    const parsed = readAccessLogLine(text, names);
    if (parsed.ok) {
      tally.countEntry(hide?.(parsed.entry) ?? parsed.entry);
      return true;
    }
    return countUnparseable(parsed.reason, parsed.sample);
  }

  function countUnparseable(reason: string, sample: string): false {
    unparseable++;
    const shown = hide === undefined ? sample : "(withheld)";
    if (samples.length < MAX_SAMPLES) {
      samples.push({ ...(source !== undefined && { source }), line, reason, sample: shown });
    }
    return false;
  }
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
