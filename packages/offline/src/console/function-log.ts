import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";

import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import { objectOf } from "../gateway/settings";
import { groupFolder } from "../logs/place";

export interface FunctionLogRecord {
  /** Epoch milliseconds. */
  timestamp: number;
  /** As it was logged: a text, or an object where the function logs JSON. */
  message: unknown;
  logGroup: string;
}

const MOST_RECORDS = 200;
/** Bytes of each stream's end that are looked through. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * What functions have logged of one invocation: the records that name its id.
 *
 * @param folder of the stage: `.offline/<stage>`
 */
export async function functionLog(graph: ResolvedGraph, folder: string, id: string): Promise<FunctionLogRecord[]> {
  if (!/^[\w-]{8,64}$/.test(id)) return [];
  const groups = graph.resources
    .filter(({ type }) => type === "aws:lambda/function:Function")
    .map(({ inputs }) => objectOf(inputs.loggingConfig).logGroup ?? `/aws/lambda/${inputs.name}`);
  for (const logGroup of new Set(groups.map(String))) {
    for (const file of await streams(groupFolder(path.join(folder, "logs"), logGroup))) {
      const records = await recordsIn(file, logGroup, id);
      if (records.length > 0) return records; // an invocation is one environment's, which has one stream
    }
  }
  return [];
}

/** The newest first. */
async function streams(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]); // nothing logged yet
  const files = names.filter((name) => name.endsWith(".ndjson")).map((name) => path.join(folder, name));
  const times = await Promise.all(files.map(async (file) => ({ file, at: (await stat(file)).mtimeMs })));
  return times.sort((a, b) => b.at - a.at).map(({ file }) => file);
}

async function recordsIn(file: string, logGroup: string, id: string): Promise<FunctionLogRecord[]> {
  const { size } = await stat(file);
  const lines = createInterface({ input: createReadStream(file, { start: Math.max(0, size - MOST_BYTES) }) });
  const found: FunctionLogRecord[] = [];
  for await (const line of lines) {
    if (!line.includes(id)) continue;
    const record = parsed(line);
    if (record !== undefined) found.push({ ...record, logGroup });
    if (found.length === MOST_RECORDS) break;
  }
  return found;
}

/** `undefined` for a line of which the beginning or the end is missing. */
function parsed(line: string): { timestamp: number; message: unknown } | undefined {
  try {
    const { timestamp, message } = JSON.parse(line);
    return { timestamp, message };
  } catch {
    return undefined;
  }
}
