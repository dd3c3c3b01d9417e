import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** Folder of the console's sources, in this repository whichever project is served. */
export const CONSOLE = fileURLToPath(new URL("../../../packages/console", import.meta.url));

/** A digest of the console's sources and of those that it imports. */
export function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const files = [
    "index.html",
    "package.json",
    "vite.config.ts",
    ...filesIn(folder, "src"),
    ...filesIn(folder, "../core/src"),
    ...filesIn(folder, "../platform/src"),
  ];
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}

/** Milliseconds after which a build is stopped. It takes seconds. */
const BUILD_LIMIT_MS = 5 * 60 * 1000;

/** Runs the build tool. Resolves to its error message, or to undefined. */
export type RunBuild = (outFolder: string) => Promise<string | undefined>;

/**
 * Builds the console in a separate process, unless this build exists.
 *
 * @param cache folder with one folder a build
 * @returns the build's folder
 * @throws Error with the message of the build tool
 */
export async function buildSite(cache: string, digest: string, run: RunBuild = runVite): Promise<string> {
  const built = path.join(cache, digest);
  if (existsSync(path.join(built, "index.html"))) return built;
  const draft = `${built}.${process.pid}`;
  const problem = await run(draft);
  if (problem !== undefined) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`the console cannot be built: ${problem}`);
  }
  try {
    renameSync(draft, built);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(built)) throw error; // another process was faster
  }
  for (const name of readdirSync(cache))
    if (name !== digest) rmSync(path.join(cache, name), { recursive: true, force: true });
  return built;
}

function runVite(outFolder: string): Promise<string | undefined> {
  const vite = path.join(CONSOLE, "node_modules/vite/bin/vite.js");
  if (!existsSync(vite)) return Promise.resolve(`there is no ${vite}; run "pnpm install"`);
  const parameters = [vite, "build", "--outDir", outFolder, "--emptyOutDir", "--logLevel", "error"];
  const env = { ...process.env, NODE_ENV: "production", NO_COLOR: "1", FORCE_COLOR: "0" };
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { cwd: CONSOLE, env, timeout: BUILD_LIMIT_MS }, (error, stdout, stderr) => {
      resolve(error === null ? undefined : messageOf(stderr || stdout || error.message));
    });
  });
}

/** Returns the message of a tool, without its stack trace. */
export function messageOf(output: string): string {
  const lines = stripVTControlCharacters(output).split("\n");
  return lines
    .filter((line) => !/^\s+at \S/.test(line))
    .join("\n")
    .trim();
}

function filesIn(folder: string, within: string): string[] {
  return readdirSync(path.join(folder, within), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}
