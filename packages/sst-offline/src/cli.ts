import path from "node:path";

import { type Command, type CommandValues, REPOSITORY, runCommand, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import type { OfflineApp } from "./app";
import { MAX_ENVIRONMENTS } from "./lambda/function";
import { type Offline, startOffline } from "./offline";
import { createTerminal, type Output } from "./terminal";

const COMMAND = {
  name: "pnpm offline",
  about: "Runs a stage of the app on this machine, from its deployment graph infra/graph/<stage>.json.",
  usage: ["[--stage NAME] [--port N] [--project DIR] [--max-environments N] [--verbose]", "token --help"],
  details: `It runs the bundles that AWS would run, and writes the same access log. It needs no AWS account and no
network. Press Ctrl-C to stop after the running requests, and again to stop at once.`,
  options: {
    stage: { type: "string", default: "dev", value: "NAME", about: "stage to run (default: dev)" },
    port: { type: "string", default: "3000", value: "N", about: "port of the API; 0 picks a free one (default: 3000)" },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder with the sst.config.ts (default: this repository)",
    },
    "max-environments": {
      type: "string",
      default: String(MAX_ENVIRONMENTS),
      value: "N",
      about: `maximum execution environments of a function; fewer if memory is short (default: ${MAX_ENVIRONMENTS})`,
    },
    verbose: {
      type: "boolean",
      default: false,
      about: "also shows what is not simulated, and preflight requests",
    },
  },
  exitCodes: { 0: "stopped normally", 1: "the stage cannot be served; standard error has the reason" },
} as const satisfies Command;

/** The parts of a process that the command uses. */
export interface Environment {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  /** Resolves at the first signal to stop. Never rejects. */
  interrupted: Promise<void>;
  /** Zone of the times that the terminal shows. Default: UTC. */
  timeZone?: string;
}

/**
 * Returns the exit code: 0 after a normal stop, 1 if the stage cannot be served, 2 for wrong usage.
 */
export async function main(argv: string[], environment: Environment, app: OfflineApp = {}): Promise<number> {
  // A package manager runs scripts in the package's folder and sets INIT_CWD to the user's.
  const cwd = environment.env.INIT_CWD ?? process.cwd();
  if (argv[0] === "token") {
    const { token } = await import("./token");
    return token(argv.slice(1), { ...environment, cwd }, app);
  }
  return runCommand(COMMAND, argv, environment, (values) => {
    return serve({ ...optionsOf(values, cwd), ...app }, environment, values.verbose);
  });
}

async function serve(
  options: ReturnType<typeof optionsOf> & OfflineApp,
  environment: Environment,
  isVerbose: boolean,
): Promise<number> {
  const start = performance.now();
  const { stdout, env, interrupted, timeZone } = environment;
  const terminal = createTerminal(stdout, env, { isVerbose, ...(timeZone !== undefined && { timeZone }) });
  const interruption = new AbortController();
  void interrupted.then(() => interruption.abort());
  let offline: Offline;
  try {
    offline = await startOffline({ ...options, signal: interruption.signal }, terminal);
  } catch (error) {
    if (interruption.signal.aborted) return 0;
    throw error;
  }
  terminal.started(offline, performance.now() - start);
  await interrupted;
  terminal.notice("Waiting for running requests. Press Ctrl-C again to stop at once.");
  await offline.stop();
  return 0;
}

function optionsOf(values: CommandValues<typeof COMMAND>, cwd: string) {
  const { stage, port, project, "max-environments": environments } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new UsageError(`--port ${oneLine(port)}: expected 0 to 65535`);
  if (!/^[1-9]\d{0,3}$/.test(environments))
    throw new UsageError(`--max-environments ${oneLine(environments)}: expected 1 to 9999`);
  return {
    stage,
    port: Number(port),
    project: path.resolve(cwd, project),
    maxEnvironments: Number(environments),
  };
}
