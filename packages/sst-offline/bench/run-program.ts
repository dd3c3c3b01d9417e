import { spawn } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const LAUNCH = path.resolve(HERE, "../../launch/launch.mjs");

/**
 * Runs a TypeScript program in a separate process with the same terminal. If it fails, so does this
 * process.
 *
 * @param entry relative to this folder
 */
export function runProgram(entry: string, env: Record<string, string> = {}): Promise<void> {
  return run([LAUNCH, path.resolve(HERE, entry)], env);
}

/** Runs Node.js with these arguments. */
export async function run(args: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) process.exitCode = 1;
}
