import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";

import { UsageError } from "@backend/sst-graph/usage-error";

import { isRecord } from "./kit/json";
import { readStateFile } from "./kit/state-file";

interface Holder {
  pid: number;
  /** Of the AWS endpoint. */
  port: number;
}

/**
 * Claims the folder of a stage for this process: two servers on one folder would overwrite each
 * other's files. A process that was killed leaves its claim behind; it counts only while the
 * process lives and still answers on its port.
 *
 * @param folder `.offline/<stage>`
 * @param port that this process answers on
 * @returns releases the folder
 * @throws UsageError that names the process which serves the folder
 */
export async function claimStageFolder(folder: string, port: number): Promise<() => void> {
  const file = path.join(folder, "server.json");
  const claim: Holder = { pid: process.pid, port };
  mkdirSync(folder, { recursive: true });
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tryClaim(file, claim)) return () => release(file, claim);
    const holder = readHolder(file);
    // The port is ours now: the process that claimed it has ended, even if its id was the same as ours.
    if (holder !== undefined && holder.port !== port && isAlive(holder.pid) && (await answers(holder.port)))
      throw new UsageError(
        `${folder} is already served by process ${holder.pid}: stop it first, or serve another stage or project`,
      );
    removeStale(file, holder);
  }
  throw new UsageError(`${file} cannot be replaced: remove it if no other process serves this folder`);
}

const MAX_TRIES = 5;

/** False where the file exists. A link is made as a whole: nobody reads half a claim. */
function tryClaim(file: string, claim: Holder): boolean {
  const draft = `${file}.${process.pid}.${claim.port}`;
  writeFileSync(draft, `${JSON.stringify(claim)}\n`);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes a claim, unless another process has made a new one meanwhile. */
function removeStale(file: string, stale: Holder | undefined): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (!isSameHolder(readHolder(aside), stale)) linkSync(aside, file);
  } catch {
    // somebody else has removed it, or has claimed the folder: the next look tells
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function release(file: string, claim: Holder): void {
  if (isSameHolder(readHolder(file), claim)) rmSync(file, { force: true });
}

function isSameHolder(a: Holder | undefined, b: Holder | undefined): boolean {
  return a?.pid === b?.pid && a?.port === b?.port;
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
