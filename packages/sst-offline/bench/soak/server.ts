import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface Server {
  child: ChildProcess;
  /** URL of the API with its stage. */
  url: string;
}

const here = path.dirname(fileURLToPath(import.meta.url));
export const LAUNCH = path.resolve(here, "../../../launch/launch.mjs");
export const MAIN = path.resolve(here, "../../src/main.ts");

/** Serves a project on free ports, in a separate process. */
export function startServer(project: string): Promise<Server> {
  return spawnServer([LAUNCH, MAIN, "--project", project]);
}

/** Runs `pnpm offline` with these arguments of Node.js, and resolves once the server is ready. */
export async function spawnServer(args: string[], cwd = process.cwd()): Promise<Server> {
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  const child = spawn(process.execPath, [...args, "--port", "0"], { cwd, stdio });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("close", (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.on("data", (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:\d+\/dev/.exec(String(chunk))?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, url };
}

export function stop({ child }: Server, signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("close", resolve);
    child.kill(signal);
  });
}

/** Prints the result of a check. A failed one sets the exit code. */
export function holds(what: string, isMet: boolean): void {
  console.log(`${isMet ? "holds" : "FAILS"}: ${what}`);
  if (!isMet) process.exitCode = 1;
}
