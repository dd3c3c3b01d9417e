import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The console's sources: those of the repository that this package is of, whatever project it serves. */
export const CONSOLE = fileURLToPath(new URL("../../../console", import.meta.url));

/** Of what the console is made of, and of what it takes from core. */
export function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const files = [
    "index.html",
    "package.json",
    "vite.config.ts",
    ...filesIn(folder, "src"),
    ...filesIn(folder, "../core/src"),
  ];
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}

/**
 * Builds the console in a process of its own, unless that has been done.
 *
 * @param cache folder with one folder a build
 * @returns the build's folder
 */
export async function buildSite(cache: string, digest: string): Promise<string> {
  const built = path.join(cache, digest);
  if (existsSync(path.join(built, "index.html"))) return built;
  const vite = path.join(CONSOLE, "node_modules/vite/bin/vite.js");
  if (!existsSync(vite)) throw new Error(`the console cannot be built: there is no ${vite}; run "pnpm install"`);
  const draft = `${built}.${process.pid}`;
  await run(process.execPath, [vite, "build", "--outDir", draft, "--emptyOutDir", "--logLevel", "error"]);
  rmSync(built, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  renameSync(draft, built);
  for (const name of readdirSync(cache))
    if (name !== digest) rmSync(path.join(cache, name), { recursive: true, force: true });
  return built;
}

function run(command: string, parameters: string[]): Promise<void> {
  const env = { ...process.env, NODE_ENV: "production" };
  return new Promise((resolve, reject) => {
    execFile(command, parameters, { cwd: CONSOLE, env }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`the console cannot be built:\n${stderr || stdout || error.message}`));
    });
  });
}

function filesIn(folder: string, within: string): string[] {
  return readdirSync(path.join(folder, within), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}
