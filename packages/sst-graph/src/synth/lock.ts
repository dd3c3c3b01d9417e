import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Pause before the next try to get a lock that another process holds. */
const PAUSE_MS = 100;
/** An older lock is stale, even if its process ID is in use: no synthesis takes so long. */
const MAX_AGE_MS = 10 * 60_000;

export interface LockOptions {
  say?(text: string): void;
  pause?(milliseconds: number): Promise<unknown>;
}

/**
 * Runs `work` while no other process runs it for the same project. Waits for other processes to
 * finish, and removes the lock of a process that no longer exists.
 */
export async function withSynthLock<T>(
  project: string,
  work: () => Promise<T>,
  { say = () => {}, pause = delay }: LockOptions = {},
): Promise<T> {
  const file = lockFile(project);
  for (let attempts = 0; !acquire(file); attempts++) {
    if (removeStale(file)) continue;
    if (attempts === 0) say(`Waiting for another process that synthesises ${project}…`);
    await pause(PAUSE_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Returns a file outside the project, so that the lock of a killed process does not become part of
 * it.
 */
export function lockFile(project: string): string {
  const owner = process.getuid?.() ?? 0; // one user cannot remove another user's file
  const digest = createHash("sha256")
    .update(`${owner} ${path.resolve(project)}`)
    .digest("hex")
    .slice(0, 16);
  return path.join(os.tmpdir(), `synth-${digest}.lock`);
}

function acquire(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Renames the lock first, so that only one of several processes removes it. */
function removeStale(file: string): boolean {
  if (isHeld(file)) return false;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // another process was faster
  }
  return true;
}

function isHeld(file: string): boolean {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    const { mtimeMs } = statSync(file);
    if (Date.now() - mtimeMs > MAX_AGE_MS) return false;
    return holder === 0 || isAlive(holder); // 0: the file is being written
  } catch {
    return false; // the file was removed meanwhile
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
