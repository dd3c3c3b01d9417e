import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { replaceFile } from "@secure-backend/launch/replace-file";
import { groupFolder, groupOf, streamFile, streamOf } from "./place";
import type { StreamPlace } from "./read-events";

export interface LogGroup {
  name: string;
  /** Epoch milliseconds. */
  createdAt: number;
  retentionInDays?: number;
}

export interface StoredStream extends StreamPlace {
  file: string;
  createdAt: number;
  /** When something was last written to it. Epoch milliseconds. */
  writtenAt: number;
  bytes: number;
  inode: number;
}

/** What a group says of itself beyond what its files do. */
const ABOUT = ".group.json";

/** Log groups and log streams on disk: a group is a folder, a stream a file in it. */
export interface LogGroups {
  /** Makes the groups of a graph; one that is there keeps its log events. */
  declare(declared: { name: string; retentionInDays?: number }[]): Promise<void>;
  /** In the order of their names. */
  list(): Promise<LogGroup[]>;
  find(name: string): Promise<LogGroup | undefined>;
  /** In the order of their names. */
  streamsOf(name: string): Promise<StoredStream[]>;
  save(group: LogGroup): Promise<void>;
  createStream(name: string, stream: string): Promise<void>;
  remove(name: string): Promise<void>;
  removeStream(name: string, stream: string): Promise<void>;
}

export function openLogGroups(folder: string): LogGroups {
  return { declare, list, find, streamsOf, save, createStream, remove, removeStream };

  async function declare(declared: { name: string; retentionInDays?: number }[]): Promise<void> {
    for (const group of declared) {
      const { createdAt = Date.now(), retentionInDays } = (await find(group.name)) ?? {};
      const isKnown = existsSync(path.join(groupFolder(folder, group.name), ABOUT));
      if (!isKnown || retentionInDays !== group.retentionInDays) await save({ ...group, createdAt });
    }
  }

  async function list(): Promise<LogGroup[]> {
    const groups: LogGroup[] = [];
    await walk([]);
    return groups.sort((a, b) => (a.name < b.name ? -1 : 1));

    async function walk(segments: string[]): Promise<void> {
      const place = path.join(folder, ...segments);
      const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
      const isGroup = entries.some((entry) => entry.name === ABOUT || (entry.isFile() && streamOf(entry.name)));
      if (isGroup) groups.push(await described(place, groupOf(segments)));
      for (const entry of entries) if (entry.isDirectory()) await walk([...segments, entry.name]);
    }
  }

  async function find(name: string): Promise<LogGroup | undefined> {
    const place = groupFolder(folder, name);
    const names = await readdir(place).catch(() => []);
    if (!names.some((file) => file === ABOUT || streamOf(file) !== undefined)) return undefined;
    const group = await described(place, name);
    return group.name === name ? group : undefined;
  }

  async function described(place: string, name: string): Promise<LogGroup> {
    const text = await readFile(path.join(place, ABOUT), "utf8").catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as LogGroup;
    return { name, createdAt: Math.floor((await stat(place)).birthtimeMs) };
  }

  async function streamsOf(name: string): Promise<StoredStream[]> {
    const place = groupFolder(folder, name);
    const files = await readdir(place).catch(() => []);
    const streams = files.map(async (file): Promise<StoredStream[]> => {
      const stream = streamOf(file);
      const about = await stat(path.join(place, file)).catch(() => undefined); // gone meanwhile
      if (stream === undefined || about === undefined) return [];
      const { birthtimeMs, mtimeMs, size, ino } = about;
      const times = { createdAt: Math.floor(birthtimeMs), writtenAt: Math.floor(mtimeMs) };
      return [{ name: stream, tag: tagOf(stream), file: path.join(place, file), ...times, bytes: size, inode: ino }];
    });
    return (await Promise.all(streams)).flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async function save(group: LogGroup): Promise<void> {
    replaceFile(path.join(groupFolder(folder, group.name), ABOUT), `${JSON.stringify(group)}\n`);
  }

  async function createStream(name: string, stream: string): Promise<void> {
    const file = streamFile(folder, name, stream);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, "", { flag: "a" });
  }

  async function remove(name: string): Promise<void> {
    const place = groupFolder(folder, name);
    // Another group may be in a folder of this one's.
    for (const file of await readdir(place)) {
      if (file === ABOUT || streamOf(file) !== undefined) await rm(path.join(place, file), { force: true });
    }
  }

  async function removeStream(name: string, stream: string): Promise<void> {
    await rm(streamFile(folder, name, stream), { force: true });
  }
}

function tagOf(stream: string): bigint {
  return createHash("sha256").update(stream).digest().readBigUInt64BE() >> 16n;
}
