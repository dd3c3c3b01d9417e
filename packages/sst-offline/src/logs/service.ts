import { createGroupFiles, type Notice } from "./group-file";
import { logEventLine } from "./log-event.mjs";
import { type Appended, type AppendedLines, appendLines, repairTornLine } from "./stream";

/**
 * Writes log streams. A log group is a folder, and a log stream a file with one JSON object per
 * line: `{"timestamp": <epoch ms>, "message": <the event>}`.
 */
export interface LogService {
  readonly folder: string;
  /** Prepares a stream to which another thread or process appends directly. */
  createStream(group: string, stream: string): { name: string; file: string };
  /**
   * Opens a stream for writing until the service closes, and removes an unfinished last line. A
   * second call returns the same writer.
   */
  openStream(group: string, stream: string): LogWriter;
  /**
   * Appends log events in order. The stream need not be open.
   *
   * @throws Error if they cannot be written; the stream then contains none of them
   */
  put(group: string, stream: string, events: { timestamp: number; message: string }[]): Promise<void>;
  /** Writes pending log events, and closes every open stream. */
  close(): void;
}

export interface LogWriter {
  readonly file: string;
  /** Bytes of an unfinished last line that were removed when the stream was opened. */
  readonly repaired: number;
  /**
   * Writes a log event. Calls `done` without an error once the end of this process cannot lose the
   * log event, or with an error if it could not be written. `done` must not throw.
   *
   * @param timestamp epoch milliseconds
   * @param isJson true if the message is a line of JSON
   */
  write(timestamp: number, message: string, isJson: boolean, done: Appended): void;
}

/** @param notice called once for each damaged file */
export function openLogs(folder: string, notice: Notice = console.error): LogService {
  const files = createGroupFiles(folder, notice);
  const open = new Map<string, { writer: LogWriter; lines: AppendedLines }>();
  return {
    folder,
    createStream(group, stream) {
      return { name: stream, file: files.prepareStream(group, stream) };
    },
    openStream(group, stream) {
      const file = files.prepareStream(group, stream);
      const opened = open.get(file);
      if (opened !== undefined) return opened.writer;
      const repaired = repairTornLine(file);
      const lines = appendLines(file);
      const writer: LogWriter = {
        file,
        repaired,
        write: (timestamp, message, isJson, done) => lines.append(logEventLine(timestamp, message, isJson), done),
      };
      open.set(file, { writer, lines });
      return writer;
    },
    async put(group, stream, events) {
      if (events.length === 0) return;
      const file = files.prepareStream(group, stream);
      const opened = open.get(file)?.lines;
      if (opened === undefined) repairTornLine(file);
      const lines = opened ?? appendLines(file);
      const text = events.map(({ timestamp, message }) => logEventLine(timestamp, message, false)).join("");
      await new Promise<void>((resolve, reject) => {
        lines.append(text, (error) => (error === undefined ? resolve() : reject(error)));
        if (opened === undefined) lines.close();
      });
    },
    close() {
      for (const { lines } of open.values()) lines.close();
      open.clear();
    },
  };
}
