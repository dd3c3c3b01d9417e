import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";

import { UsageError } from "@secure-backend/graph/usage-error";

import { isRecord } from "./kit/json";
import { readStateFile } from "./kit/state-file";

interface Holder {
  pid: number;
  /** Of the AWS endpoint. */
  port: number;
}

/**
 * Claims the folder of a stage for this process: two servers on one folder would overwrite each other's files. A process that
 * was killed leaves its claim behind; it counts only while the process lives and still answers on its port.
 *
 * @param folder `.offline/<stage>`
 * @param port that this process answers on
 * @returns gives the folder free
 * @throws UsageError that names the process which has the folder
 */
export async function claimStageFolder(folder: string, port: number): Promise<() => void> {
  const file = path.join(folder, "server.json");
  mkdirSync(folder, { recursive: true });
  for (let tries = 0; ; tries++) {
    if (tryCreate(file, { pid: process.pid, port })) return () => rmSync(file, { force: true });
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder.pid) && (await answers(holder.port)))
      throw new UsageError(
        `${folder} is already served by process ${holder.pid}: stop it first, or serve another stage or project`,
      );
    if (tries > 2) throw new UsageError(`${file} cannot be replaced: remove it if no other process serves this folder`);
    rmSync(file, { force: true });
  }
}

/** False where the file exists. */
function tryCreate(file: string, holder: Holder): boolean {
  try {
    const descriptor = openSync(file, "wx");
    try {
      writeFileSync(descriptor, `${JSON.stringify(holder)}\n`);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return readStateFile(file, isHolder);
  } catch {
    return undefined; // a process was killed while it wrote the file
  }
}

function isHolder(value: unknown): value is Holder {
  return isRecord(value) && Number.isInteger(value.pid) && Number.isInteger(value.port);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process of the same id may be another program. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 });
    const end = (isAnswering: boolean) => () => {
      socket.destroy();
      resolve(isAnswering);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
