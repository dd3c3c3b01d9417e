import { spawnSync } from "node:child_process";

import { UsageError } from "@backend/sst-graph/usage-error";

/**
 * Throws a UsageError for uncommitted changes, so that git can undo what a command does next. A
 * folder without git is not checked.
 */
export function refuseUncommitted(project: string): void {
  const { status, stdout } = spawnSync("git", ["status", "--porcelain"], { cwd: project, encoding: "utf8" });
  if (status !== 0 || stdout === "") return;
  const [first = ""] = stdout.split("\n");
  throw new UsageError(`${first.slice(3)} differs from the last commit: commit your changes, or use --force`);
}
