import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

/** What git says of the folder that is shown. */
export interface Commit {
  id: string;
  /** Epoch seconds. */
  time: number;
  /** Paths that differ from it. */
  dirty: string[];
  /** Paths of every file in it. */
  files: string[];
  /** Of all that the folder holds: the commit's id where nothing differs from it. */
  state: string;
}

/** Throws an Error where the folder is in no repository, or that has no commit. */
export function commitOf(folder: string): Commit {
  try {
    const [id = "", time = ""] = git(folder, "show", "-s", "--format=%H %ct", "HEAD").trim().split(" ");
    const dirty = git(folder, "status", "--porcelain", "--untracked-files=normal").split("\n").filter(Boolean);
    return {
      id,
      time: Number(time),
      dirty: dirty.map((line) => line.slice(3)),
      files: git(folder, "ls-files").trim().split("\n"),
      state: dirty.length === 0 ? id : `${id}+${differencesOf(folder)}`,
    };
  } catch (cause) {
    throw new Error(`${folder}: git tells no commit: evidence is of one`, { cause });
  }
}

/** The day of a commit, such as `2026-11-23`, in UTC. */
export function dayOf({ time }: Commit): string {
  return new Date(time * 1000).toISOString().slice(0, 10);
}

function differencesOf(folder: string): string {
  const hash = createHash("sha256").update(git(folder, "diff", "--binary", "HEAD"));
  for (const file of git(folder, "ls-files", "--others", "--exclude-standard", "-z").split("\0").filter(Boolean)) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(folder, file)));
  }
  return hash.digest("hex");
}

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1e8,
  });
}
