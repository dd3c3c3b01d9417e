import { mkdirSync } from "node:fs";
import path from "node:path";

import { logEventLine } from "./log-event.mjs";
import { streamFile } from "./place";
import { type AppendedLines, appendLines, repairTornLine } from "./stream";

/**
 * CloudWatch Logs, as far as writing goes: log groups are folders, log streams files of one JSON object a line,
 * `{"timestamp": <epoch ms>, "message": <the event>}`.
 */
export interface LogService {
  readonly folder: string;
  /** A stream that its writer appends to by itself. */
  createStream(group: string, stream: string): { name: string; file: string };
  /** Opens a stream for writing, once; a torn last line is cut off. */
  openStream(group: string, stream: string): LogWriter;
  /** Writes what is still to be written, and closes every stream that was opened. */
  close(): void;
}

export interface LogWriter {
  readonly file: string;
  /** Bytes of a torn last line that were cut off when the stream was opened. */
  readonly repaired: number;
  /**
   * Keeps a log event, and calls `done` when nothing but the loss of the disk can lose it.
   *
   * @param timestamp epoch milliseconds
   * @param structured whether the message is a line of JSON
   */
  write(timestamp: number, message: string, structured: boolean, done: () => void): void;
}

export function openLogs(folder: string): LogService {
  const open = new Map<string, { writer: LogWriter; lines: AppendedLines }>();
  return {
    folder,
    createStream(group, stream) {
      return { name: stream, file: ensure(group, stream) };
    },
    openStream(group, stream) {
      const file = ensure(group, stream);
      const known = open.get(file);
      if (known !== undefined) return known.writer;
      const repaired = repairTornLine(file);
      const lines = appendLines(file);
      const writer: LogWriter = {
        file,
        repaired,
        write: (timestamp, message, structured, done) =>
          lines.append(logEventLine(timestamp, message, structured), done),
      };
      open.set(file, { writer, lines });
      return writer;
    },
    close() {
      for (const { lines } of open.values()) lines.close();
      open.clear();
    },
  };

  function ensure(group: string, stream: string): string {
    const file = streamFile(folder, group, stream);
    mkdirSync(path.dirname(file), { recursive: true });
    return file;
  }
}
