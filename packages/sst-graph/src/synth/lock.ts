import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds between two looks at a lock that another process holds. */
const PAUSE_MS = 100;
/** A lock of this age is left over, even if a process has its number: no synthesis takes as long. */
const MAX_AGE_MS = 10 * 60_000;

export interface LockOptions {
  say?(text: string): void;
  pause?(milliseconds: number): Promise<unknown>;
}

/**
 * Runs `work` while no other process runs it for the same project. Waits for another process to finish; takes the lock
 * of one that has gone.
 */
export async function withSynthLock<T>(
  project: string,
  work: () => Promise<T>,
  { say = () => {}, pause = delay }: LockOptions = {},
): Promise<T> {
  const file = lockFile(project);
  for (let looks = 0; !acquire(file); looks++) {
    if (removeLeftOver(file)) continue;
    if (looks === 0) say(`Another process synthesises ${project}: waiting for it ...`);
    await pause(PAUSE_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Outside the project: what a killed process leaves behind must not be taken for one of its files. */
export function lockFile(project: string): string {
  const owner = process.getuid?.() ?? 0; // a file of another user could not be removed
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

/** Renames it first: of several processes that want to remove the same lock, one succeeds. */
function removeLeftOver(file: string): boolean {
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
    return holder === 0 || isAlive(holder); // 0: it is being written
  } catch {
    return false; // it has gone meanwhile
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
