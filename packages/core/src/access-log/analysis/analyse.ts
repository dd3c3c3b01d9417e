import type { AccessLogEntry } from "../entry";
import { frameOf } from "./frame";
import { type FieldNames, readAccessLogLine } from "./read-line";
import type { Frame } from "./reader";
import { PROBED } from "./recent";
import type { AccessLogReport } from "./report";
import { createTally } from "./tally";

export interface Analysis {
  /** Bytes of the log, cut anywhere. */
  push(chunk: Uint8Array): void;
  /** The last line may have no line break. */
  finish(): AccessLogReport;
}

const SAMPLES = 10;
/** Bytes of a line at most. */
const LONGEST = 8 * 1024 * 1024;
const LINE_BREAK = 0x0a;
/** Frames of different formats in one log that are kept; and lines that are looked at for a new one, so that a log without any is not slower. */
const FRAMES = 4;
const TRIES = 200;

export interface AnalysisOptions {
  /** What another format calls our fields. */
  names?: FieldNames;
  /** Makes the entry that is counted in place of one, with nobody recognisable. Nothing is shown then of lines that cannot be read. */
  hide?: (entry: AccessLogEntry) => AccessLogEntry;
}

/**
 * Reads an access log of one JSON object a line, in memory that does not grow with it, and says what is in it: exactly what
 * `readAccessLogLine` of each line says.
 */
export function analyseAccessLog({ names = {}, hide }: AnalysisOptions = {}): Analysis {
  const tally = createTally();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const samples: AccessLogReport["unparseable"]["samples"] = [];
  const frames: Frame[] = [];
  let tries = 0;
  let rest: Uint8Array = new Uint8Array(0);
  let [line, lines, bad] = [0, 0, 0];

  return {
    push(chunk) {
      const first = chunk.indexOf(LINE_BREAK);
      if (first < 0) {
        if (rest.length < LONGEST) rest = joined(rest, chunk);
        return;
      }
      if (rest.length > 0) {
        scan(joined(rest, chunk.subarray(0, first + 1)));
        scan(chunk.subarray(first + 1));
      } else scan(chunk);
    },
    finish() {
      if (rest.length > 0) scan(joined(rest, new Uint8Array([LINE_BREAK])));
      return { lines, ...tally.report(), unparseable: { lines: bad, samples } };
    },
  };

  /** Reads the whole lines in some bytes, and keeps what is left of them. */
  function scan(chunk: Uint8Array): void {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength); // no Buffer: what meets one kind only is faster
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (let next = 0; at < bytes.length; at = next) {
      next = readFast(bytes, view, at);
      if (next > 0) continue;
      const end = bytes.indexOf(LINE_BREAK, at);
      if (end < 0) break;
      next = end + 1;
      if (next + PROBED > bytes.length && readPadded(bytes.subarray(at, next))) continue;
      line++;
      const text = bytes.subarray(at, end);
      if (readSlowly(text) && tries < TRIES && hide === undefined) learn(text);
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
    frames.length = Math.min(frames.length, FRAMES);
  }

  /** @returns whether it is an entry */
  function readSlowly(bytes: Uint8Array): boolean {
    if (bytes.length > LONGEST) {
      lines++;
      return refuse(`longer than ${LONGEST} bytes`, decoder.decode(bytes.subarray(0, 200)));
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
    if (samples.length < SAMPLES) samples.push({ line, reason, sample: shown });
    return false;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
