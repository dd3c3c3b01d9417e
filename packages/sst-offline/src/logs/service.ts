import { createGroupFiles, type Notice } from "./group-file";
import { logEventLine } from "./log-event.mjs";
import { type Appended, type AppendedLines, appendLines, repairTornLine } from "./stream";

/**
 * CloudWatch Logs, as far as writing goes: log groups are folders, log streams files of one JSON
 * object a line, `{"timestamp": <epoch ms>, "message": <the event>}`.
 */
export interface LogService {
  readonly folder: string;
  /** Prepares a stream whose writer appends to the file directly. */
  createStream(group: string, stream: string): { name: string; file: string };
  /**
   * Opens a stream for writing until the service closes. Opened again, it is the same; a torn last
   * line is cut off.
   */
  openStream(group: string, stream: string): LogWriter;
  /**
   * Appends log events, in their order, to a stream that need not be open.
   *
   * @throws Error where the disk does not take them; then none of them is in the stream
   */
  put(group: string, stream: string, events: { timestamp: number; message: string }[]): Promise<void>;
  /** Writes what is still to be written, and closes every stream that was opened. */
  close(): void;
}

export interface LogWriter {
  readonly file: string;
  /** Bytes of a torn last line that were cut off when the stream was opened. */
  readonly repaired: number;
  /**
   * Writes a log event. `done` is called without an error when nothing but the loss of the disk can
   * lose it, and with one when it could not be written. It must not throw.
   *
   * @param timestamp epoch milliseconds
   * @param structured whether the message is a line of JSON
   */
  write(timestamp: number, message: string, structured: boolean, done: Appended): void;
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
        write: (timestamp, message, structured, done) =>
          lines.append(logEventLine(timestamp, message, structured), done),
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
