import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface Server {
  child: ChildProcess;
  /** With the stage. */
  url: string;
}

const here = path.dirname(fileURLToPath(import.meta.url));
export const LAUNCH = path.resolve(here, "../../../launch/launch.mjs");
export const MAIN = path.resolve(here, "../../src/main.ts");

/** Serves a project on free ports, in a process of its own. */
export function startServer(project: string): Promise<Server> {
  return spawnServer([LAUNCH, MAIN, "--project", project]);
}

/** Runs Node.js with these arguments of `pnpm offline`, and resolves once the server answers. */
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

export function holds(what: string, does: boolean): void {
  console.log(`${does ? "holds" : "FAILS"}: ${what}`);
  if (!does) process.exitCode = 1;
}
