import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

/** The checked-out commit of a folder. */
export interface Commit {
  id: string;
  /** Epoch seconds. */
  time: number;
  /** Paths with uncommitted changes. */
  dirty: string[];
  /** Paths of all tracked files. */
  files: string[];
  /**
   * Identifies the folder's content: the commit's id, with a hash of uncommitted changes if any.
   */
  state: string;
}

/** Returns the commit of a folder. Throws an Error if there is no Git repository or no commit. */
export function commitOf(folder: string): Commit {
  try {
    const [id = "", time = ""] = git(folder, "show", "-s", "--format=%H %ct", "HEAD").trim().split(" ");
    const dirty = git(folder, "status", "--porcelain", "--untracked-files=normal").split("\n").filter(Boolean);
    return {
      id,
      time: Number(time),
      dirty: dirty.map((line) => line.slice(3)),
      files: git(folder, "ls-files").trim().split("\n"),
      state: dirty.length === 0 ? id : `${id}+${hashChanges(folder)}`,
    };
  } catch (cause) {
    throw new Error(`${folder}: no Git commit found. Evidence describes a commit, so it needs a Git repository`, {
      cause,
    });
  }
}

/** Returns the UTC day of a commit, such as `2026-11-23`. */
export function dayOf({ time }: Commit): string {
  return new Date(time * 1000).toISOString().slice(0, 10);
}

function hashChanges(folder: string): string {
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
