// Clones this repository for soaks that change it. The clone is deleted when the process ends.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { holds, type Server, spawnServer } from "./server";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
const AUTHOR = ["-c", "user.name=soak", "-c", "user.email=soak@example.com"];
const OFFLINE = ["packages/launch/launch.mjs", "infra/tools/offline.ts"];

export interface Clone {
  folder: string;
  /** Runs git and returns its output. Throws if it fails. */
  git(...args: string[]): string;
  /** Commits everything. */
  commit(message: string): void;
  /** Runs a pnpm command, which first installs dependencies. Prints the time; throws on failure. */
  pnpm(...args: string[]): void;
  /** Starts `pnpm offline`. */
  serve(): Promise<Server>;
  /** Returns an access token for the running stage. */
  token(...options: string[]): string;
}

export function cloneRepository(): Clone {
  const parent = mkdtempSync(path.join(os.tmpdir(), "clone-"));
  const folder = path.join(parent, "backend");
  process.on("exit", () => rmSync(parent, { recursive: true, force: true }));
  execFileSync("git", ["clone", "-q", REPOSITORY, folder]);
  return { folder, git, commit, pnpm, serve, token };

  function git(...args: string[]): string {
    return execFileSync("git", [...AUTHOR, ...args], { cwd: folder, encoding: "utf8" });
  }

  function commit(message: string): void {
    git("add", "-A");
    git("commit", "-qm", message);
  }

  function pnpm(...args: string[]): void {
    const begin = performance.now();
    execFileSync("npx", ["--yes", "pnpm@12", ...args], { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
    holds(`pnpm ${args.join(" ")} passes, ${((performance.now() - begin) / 1000).toFixed(0)} s`, true);
  }

  function serve(): Promise<Server> {
    return spawnServer(OFFLINE, folder);
  }

  function token(...options: string[]): string {
    return execFileSync(process.execPath, [...OFFLINE, "token", ...options], { cwd: folder, encoding: "utf8" }).trim();
  }
}
