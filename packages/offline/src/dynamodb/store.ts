import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";

import type { TableDeclaration } from "./table";

interface TableAnswer {
  status: number;
  /** JSON text. */
  body: string;
  crc32: string;
}

export interface TableStore {
  /** Asks a table; the thread that keeps them starts with the first call. Rejects where it cannot be asked. */
  call(table: TableDeclaration, operation: string, body: string): Promise<TableAnswer>;
  close(): Promise<void>;
}

type Report = { id: number } & (TableAnswer | { failure: string });

/**
 * Tables on disk, each in a folder named after its keys and indexes: one that is declared with other ones starts empty, and
 * the items of before stay where they are.
 */
export function openTables(folder: string, region: string, notice: (text: string) => void): TableStore {
  const pending = new Map<number, { resolve: (answer: TableAnswer) => void; reject: (error: Error) => void }>();
  const seen = new Set<string>();
  let worker: Worker | undefined;
  let calls = 0;

  return { call, close };

  function call(table: TableDeclaration, operation: string, body: string): Promise<TableAnswer> {
    const store = folderOf(table);
    return new Promise((resolve, reject) => {
      const id = calls++;
      pending.set(id, { resolve, reject });
      worker ??= start();
      worker.postMessage({ id, store, create: table.create, operation, body });
    });
  }

  function folderOf({ name, digest }: TableDeclaration): string {
    const store = path.join(folder, `${name}.${digest}`);
    if (seen.has(store)) return store;
    seen.add(store);
    mkdirSync(store, { recursive: true });
    const others = readdirSync(folder).filter(
      (other) => other.startsWith(`${name}.`) && other !== path.basename(store),
    );
    if (others.length > 0 && readdirSync(store).length === 0) {
      notice(`the table ${name} is declared with other keys or indexes: it starts empty, ${others.join(", ")} is kept`);
    }
    return store;
  }

  function start(): Worker {
    const env = { AWS_ACCOUNT_ID: "000000000000", AWS_REGION: region };
    const started = new Worker(new URL("./worker.mjs", import.meta.url), { env });
    started.unref();
    started.on("message", (report: Report) => {
      const waiting = pending.get(report.id);
      pending.delete(report.id);
      if ("failure" in report) waiting?.reject(new Error(report.failure));
      else waiting?.resolve(report);
    });
    started.on("error", (error) => gone(started, String(error)));
    started.on("exit", () => gone(started, "the tables' thread has ended"));
    return started;
  }

  /** Whoever waits may ask again: the next call starts another thread. */
  function gone(which: Worker, reason: string): void {
    if (worker !== which) return;
    worker = undefined;
    for (const { reject } of pending.values()) reject(new Error(reason));
    pending.clear();
  }

  async function close(): Promise<void> {
    const last = worker;
    worker = undefined;
    await last?.terminate();
  }
}
