import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { isRecord } from "../kit/json";
import { readOrSetAside } from "../kit/state-file";
import { GROUP_FILE, groupFolder, groupOfFolder, streamFileName, streamOfFile } from "./layout";

export interface LogGroup {
  name: string;
  /** Epoch milliseconds. */
  createdAt: number;
  retentionInDays?: number;
}

/** Contents of a group's `.group.json`. */
interface GroupFile extends LogGroup {
  /** Names of the streams with hashed file names, by file name. */
  streams?: Record<string, string>;
}

export type Notice = (text: string) => void;

/**
 * Creates access to the groups' `.group.json` files. A damaged one is moved away and reported once.
 */
export function createGroupFiles(root: string, notice: Notice) {
  return { read, write, prepareStream };

  /** @param isName returns true if the folder belongs to a group of this name */
  function read(folder: string, isName: (name: string) => boolean): GroupFile | undefined {
    const isValid = (value: unknown): value is GroupFile => isGroupFile(value) && isName(value.name);
    const consequence = "The log group keeps its log events, but loses its creation time and retention.";
    return readOrSetAside(path.join(folder, GROUP_FILE), isValid, { notice, consequence });
  }

  function write({ name, createdAt, retentionInDays }: LogGroup): void {
    const folder = groupFolder(root, name);
    const streams = read(folder, (found) => found === name)?.streams;
    save(folder, {
      name,
      createdAt,
      ...(retentionInDays !== undefined && { retentionInDays }),
      ...(streams && { streams }),
    });
  }

  /**
   * Creates the folder of a stream, and saves the names that its path does not contain.
   *
   * @returns the path of the stream's file
   */
  function prepareStream(group: string, stream: string): string {
    const folder = groupFolder(root, group);
    const fileName = streamFileName(folder, stream);
    mkdirSync(folder, { recursive: true });
    const needsGroup = groupOfFolder(path.relative(root, folder).split(path.sep)) === undefined;
    const needsStream = streamOfFile(fileName) === undefined;
    if (needsGroup || needsStream) {
      const file = read(folder, (found) => found === group) ?? describeFolder(folder, group);
      const streams = needsStream ? { ...file.streams, [fileName]: stream } : file.streams;
      const isWritten = existsSync(path.join(folder, GROUP_FILE)) && streams?.[fileName] === file.streams?.[fileName];
      if (!isWritten) save(folder, { ...file, ...(streams && { streams }) });
    }
    return path.join(folder, fileName);
  }

  function save(folder: string, file: GroupFile): void {
    replaceFile(path.join(folder, GROUP_FILE), `${JSON.stringify(file)}\n`);
  }
}

/** Describes a group without a `.group.json`: its creation time is that of the folder. */
export function describeFolder(folder: string, name: string): GroupFile {
  return { name, createdAt: Math.floor(statSync(folder).birthtimeMs) };
}

function isGroupFile(value: unknown): value is GroupFile {
  if (!isRecord(value) || typeof value.name !== "string" || !Number.isSafeInteger(value.createdAt)) return false;
  const { retentionInDays, streams } = value;
  const hasRetention = retentionInDays === undefined || Number.isSafeInteger(retentionInDays);
  const hasStreams =
    streams === undefined || (isRecord(streams) && Object.values(streams).every((name) => typeof name === "string"));
  return hasRetention && hasStreams;
}
