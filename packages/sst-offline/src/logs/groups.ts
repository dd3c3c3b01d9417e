import { existsSync } from "node:fs";
import { readdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { createGroupFiles, describeFolder, type LogGroup, type Notice } from "./group-file";
import {
  GROUP_FILE,
  groupFolder,
  groupOfFolder,
  hashOf,
  isHashedGroup,
  isStreamFile,
  streamFileName,
  streamOfFile,
} from "./layout";
import type { StreamRef } from "./read-events";

export type { LogGroup } from "./group-file";

export interface StoredStream extends StreamRef {
  file: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Time of the last write. Epoch milliseconds. */
  writtenAt: number;
  bytes: number;
  inode: number;
}

/** Log groups and log streams on disk. A group is a folder, and a stream is a file in it. */
export interface LogGroups {
  /** Creates the groups of a graph. An existing group keeps its log events. */
  declare(declared: { name: string; retentionInDays?: number }[]): Promise<void>;
  /** Returns the groups in the order of their names. */
  list(): Promise<LogGroup[]>;
  find(name: string): Promise<LogGroup | undefined>;
  /** Returns the names in order. */
  streamNamesOf(name: string): Promise<string[]>;
  /** Returns the streams in the order of their names. */
  streamsOf(name: string, isWanted?: (stream: string) => boolean): Promise<StoredStream[]>;
  hasStream(name: string, stream: string): Promise<boolean>;
  save(group: LogGroup): Promise<void>;
  createStream(name: string, stream: string): Promise<void>;
  remove(name: string): Promise<void>;
  removeStream(name: string, stream: string): Promise<void>;
}

/** @param notice called once for each damaged file */
export function openLogGroups(root: string, notice: Notice = console.error): LogGroups {
  const files = createGroupFiles(root, notice);
  return { declare, list, find, streamNamesOf, streamsOf, hasStream, save, createStream, remove, removeStream };

  async function declare(declared: { name: string; retentionInDays?: number }[]): Promise<void> {
    for (const group of declared) {
      const { createdAt = Date.now(), retentionInDays } = (await find(group.name)) ?? {};
      const isWritten = existsSync(path.join(groupFolder(root, group.name), GROUP_FILE));
      if (!isWritten || retentionInDays !== group.retentionInDays) await save({ ...group, createdAt });
    }
  }

  async function list(): Promise<LogGroup[]> {
    const groups: LogGroup[] = [];
    await walk([]);
    return groups.sort((a, b) => compareNames(a.name, b.name));

    async function walk(segments: string[]): Promise<void> {
      const folder = path.join(root, ...segments);
      const entries = await entriesOf(folder);
      const isGroup = entries.some(({ name, isFolder }) => name === GROUP_FILE || (!isFolder && isStreamFile(name)));
      if (isGroup) {
        const ordinary = groupOfFolder(segments);
        const isName = (name: string) => (ordinary === undefined ? isHashedGroup(segments, name) : name === ordinary);
        const group = files.read(folder, isName) ?? (ordinary && describeFolder(folder, ordinary));
        if (group) groups.push(withoutStreams(group));
      }
      for (const { name, isFolder } of entries) if (isFolder) await walk([...segments, name]);
    }
  }

  async function find(name: string): Promise<LogGroup | undefined> {
    const folder = groupFolder(root, name);
    if (existsSync(path.join(folder, GROUP_FILE))) {
      const group = files.read(folder, (found) => found === name);
      if (group !== undefined) return withoutStreams(group);
    }
    const entries = await entriesOf(folder);
    const isGroup = entries.some((entry) => !entry.isFolder && isStreamFile(entry.name));
    return isGroup ? withoutStreams(describeFolder(folder, name)) : undefined;
  }

  async function streamNamesOf(name: string): Promise<string[]> {
    return (await streamFilesOf(name)).map(({ stream }) => stream);
  }

  async function streamsOf(name: string, isWanted = (_stream: string) => true): Promise<StoredStream[]> {
    const wanted = (await streamFilesOf(name)).filter(({ stream }) => isWanted(stream));
    const streams = wanted.map(async ({ stream, file }): Promise<StoredStream[]> => {
      const found = await stat(file).catch(() => undefined); // deleted in the meantime
      if (found?.isFile() !== true) return [];
      const { birthtimeMs, mtimeMs, size, ino } = found;
      const times = { createdAt: Math.floor(birthtimeMs), writtenAt: Math.floor(mtimeMs) };
      return [{ name: stream, tag: tagOf(stream), file, ...times, bytes: size, inode: ino }];
    });
    return (await Promise.all(streams)).flat();
  }

  async function streamFilesOf(name: string): Promise<{ stream: string; file: string }[]> {
    const folder = groupFolder(root, name);
    const fileNames = (await entriesOf(folder)).filter((entry) => !entry.isFolder && isStreamFile(entry.name));
    const hashed = fileNames.some((entry) => streamOfFile(entry.name) === undefined);
    const names = (hashed && files.read(folder, (found) => found === name)?.streams) || {};
    const byStream = new Map<string, string>();
    for (const { name: fileName } of fileNames) {
      const stream = streamOfFile(fileName) ?? names[fileName];
      if (stream === undefined) continue; // the name was lost with the group's .group.json
      if (!byStream.has(stream) || streamFileName(folder, stream) === fileName) byStream.set(stream, fileName);
    }
    return [...byStream]
      .map(([stream, fileName]) => ({ stream, file: path.join(folder, fileName) }))
      .sort((a, b) => compareNames(a.stream, b.stream));
  }

  async function hasStream(name: string, stream: string): Promise<boolean> {
    return (await stat(streamFile(name, stream)).catch(() => undefined))?.isFile() === true;
  }

  async function save(group: LogGroup): Promise<void> {
    files.write(group);
  }

  async function createStream(name: string, stream: string): Promise<void> {
    await writeFile(files.prepareStream(name, stream), "", { flag: "a" });
  }

  async function remove(name: string): Promise<void> {
    const folder = groupFolder(root, name);
    // A subfolder may belong to another group.
    for (const entry of await entriesOf(folder)) {
      if (entry.isFolder || (entry.name !== GROUP_FILE && !isStreamFile(entry.name))) continue;
      await rm(path.join(folder, entry.name), { force: true });
    }
    await removeEmptyFolders(folder);
  }

  async function removeStream(name: string, stream: string): Promise<void> {
    await rm(streamFile(name, stream), { force: true });
  }

  function streamFile(name: string, stream: string): string {
    const folder = groupFolder(root, name);
    return path.join(folder, streamFileName(folder, stream));
  }

  async function removeEmptyFolders(folder: string): Promise<void> {
    for (let next = folder; next !== root; next = path.dirname(next)) {
      const isRemoved = await rmdir(next).then(
        () => true,
        () => false,
      );
      if (!isRemoved) return;
    }
  }
}

async function entriesOf(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
}

function withoutStreams({ name, createdAt, retentionInDays }: LogGroup): LogGroup {
  return { name, createdAt, ...(retentionInDays !== undefined && { retentionInDays }) };
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function tagOf(stream: string): bigint {
  return hashOf(stream).readBigUInt64BE() >> 16n;
}
