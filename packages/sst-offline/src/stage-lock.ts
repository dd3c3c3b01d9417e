import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";

import { UsageError } from "@backend/sst-graph/usage-error";

import { isRecord } from "./kit/json";
import { readStateFile } from "./kit/state-file";

interface Holder {
  pid: number;
  /** Port of the AWS endpoint. */
  port: number;
}

/**
 * Claims the folder of a stage for this process. Two servers on one folder would overwrite each
 * other's files. A process that is killed leaves its claim behind, so a claim counts only while its
 * process exists and accepts connections on its port.
 *
 * @param folder `.offline/<stage>`
 * @param port on which this process listens
 * @returns a function that releases the folder
 * @throws UsageError if another process serves the folder; the message names it
 */
export async function claimStageFolder(folder: string, port: number): Promise<() => void> {
  const file = path.join(folder, "server.json");
  const claim: Holder = { pid: process.pid, port };
  mkdirSync(folder, { recursive: true });
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tryClaim(file, claim)) return () => release(file, claim);
    const holder = readHolder(file);
    // A claim with our own port is left over from a process that has ended, even if it had our id.
    if (holder !== undefined && holder.port !== port && isAlive(holder.pid) && (await isListening(holder.port)))
      throw new UsageError(
        `${folder} is already served by process ${holder.pid}: stop it first, or serve another stage or project`,
      );
    removeStale(file, holder);
  }
  throw new UsageError(`${file} cannot be replaced: delete it if no other process serves this folder`);
}

const MAX_TRIES = 5;

/** Returns false if the file exists. A hard link is atomic, so nobody reads half a claim. */
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

/** Removes a claim, unless another process has replaced it in the meantime. */
function removeStale(file: string, stale: Holder | undefined): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (!isSameHolder(readHolder(aside), stale)) linkSync(aside, file);
  } catch {
    // another process has removed the claim or replaced it: the next try reads the result
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

/** Checks the port too, because the process id may now belong to another program. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 });
    const end = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
