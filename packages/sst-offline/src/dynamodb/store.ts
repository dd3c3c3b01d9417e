import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { type ResourceLimits, Worker } from "node:worker_threads";

import type { TableDeclaration } from "./table";

export interface TableCall {
  operation: string;
  /** JSON text. */
  body: string;
  /** Tables named in the call. */
  tables: TableDeclaration[];
  /** Names of all tables. */
  names: string[];
}

interface TableResult {
  status: number;
  /** JSON text. */
  body: string;
  crc32: string;
}

export interface TableStore {
  /**
   * Runs an operation on the tables. The first call starts the thread of the tables.
   *
   * @throws UnavailableError if a table's folder cannot be used now
   * @throws Error if the call fails
   */
  call(call: TableCall): Promise<TableResult>;
  /** Stops the thread. Pending calls reject. */
  close(): Promise<void>;
}

/** Reports a table's folder that cannot be used. */
export class UnavailableError extends Error {}

interface ThreadOptions {
  /** Limits the time of a call. After it, the thread counts as hung. */
  callLimitMs?: number;
  resourceLimits?: ResourceLimits;
  worker?: URL;
}

interface Failure {
  message: string;
  folder?: string;
  isLocked?: boolean;
}

interface Pending {
  folders: string[];
  resolve(result: TableResult): void;
  reject(error: Error): void;
}

const CALL_LIMIT_MS = 30_000;
/** Without a limit, a thread that runs out of memory would end the process. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 1024 };

/**
 * Opens the tables in a folder. The folder of a table is named after its keys and indexes. If those
 * change, the table starts empty and its former items stay on disk.
 */
export function openTables(
  folder: string,
  region: string,
  notice: (text: string) => void,
  { callLimitMs = CALL_LIMIT_MS, resourceLimits = RESOURCE_LIMITS, worker: script = WORKER }: ThreadOptions = {},
): TableStore {
  const pending = new Map<number, Pending>();
  const seen = new Set<string>();
  /** The last reported failure of each folder. */
  const failures = new Map<string, string>();
  let thread: Worker | undefined;
  let calls = 0;
  let isClosed = false;

  return { call, close };

  async function call({ operation, body, tables, names }: TableCall): Promise<TableResult> {
    if (isClosed) throw new Error("the tables have been closed");
    const folders = tables.map((table) => ({ name: table.name, folder: folderOf(table), create: table.create }));
    const id = calls++;
    thread ??= start();
    const current = thread;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        pending.set(id, { folders: folders.map((table) => table.folder), resolve, reject });
        timer = setTimeout(() => end(current, `${operation} took longer than ${callLimitMs} ms`), callLimitMs);
        timer.unref();
        current.postMessage({ id, operation, body, tables: folders, names });
      });
    } finally {
      clearTimeout(timer);
      pending.delete(id);
    }
  }

  function folderOf({ name, digest }: TableDeclaration): string {
    const tableFolder = path.join(folder, `${name}.${digest}`);
    if (seen.has(tableFolder)) return tableFolder;
    try {
      mkdirSync(tableFolder, { recursive: true });
      const others = readdirSync(folder).filter(
        (other) => other.startsWith(`${name}.`) && other !== path.basename(tableFolder),
      );
      if (others.length > 0 && readdirSync(tableFolder).length === 0) {
        notice(
          `Table ${name} starts empty, because its keys or indexes have changed. Its items stay in ` +
            `${others.join(", ")}.`,
        );
      }
    } catch (error) {
      throw unavailable({ message: (error as Error).message, folder: tableFolder });
    }
    seen.add(tableFolder);
    return tableFolder;
  }

  function start(): Worker {
    const env = { AWS_ACCOUNT_ID: "000000000000", AWS_REGION: region };
    const started = new Worker(script, { env, resourceLimits });
    started.unref();
    started.on("message", settle);
    started.on("messageerror", (error) => end(started, String(error)));
    started.on("error", (error) => end(started, String(error)));
    started.on("exit", () => end(started, "the thread of the tables has ended"));
    return started;
  }

  function settle(report: unknown): void {
    const { id, failure, ...result } = Object(report) as { id?: number; failure?: Failure } & TableResult;
    const waiting = pending.get(Number(id));
    if (waiting === undefined) return;
    if (failure !== undefined)
      waiting.reject(failure.folder === undefined ? new Error(failure.message) : unavailable(failure));
    else if (typeof result.status !== "number" || typeof result.body !== "string") {
      waiting.reject(new Error("the thread of the tables sent an invalid result"));
    } else {
      for (const usable of waiting.folders) failures.delete(usable);
      waiting.resolve(result);
    }
  }

  /** Reports the failure of a folder once, until the folder can be used again. */
  function unavailable({ message, folder: unusable = folder, isLocked }: Failure): UnavailableError {
    const why = isLocked
      ? `another process uses ${unusable}: stop the other "pnpm offline"`
      : `${unusable} cannot be used (${message}): repair it, or delete it to start with an empty table`;
    if (failures.get(unusable) !== why) notice(`DynamoDB: ${why}`);
    failures.set(unusable, why);
    return new UnavailableError(why);
  }

  /** Ends a thread. Pending calls reject, and the next call starts another thread. */
  function end(which: Worker, reason: string): void {
    if (thread !== which) return;
    thread = undefined;
    for (const { reject } of pending.values()) reject(new Error(reason));
    which.terminate().catch(() => undefined); // it has ended already
  }

  async function close(): Promise<void> {
    isClosed = true;
    const last = thread;
    if (last === undefined) return;
    end(last, "the tables have been closed");
    await last.terminate().catch(() => undefined);
  }
}

const WORKER = new URL("./worker.mjs", import.meta.url);
