import path from "node:path";

import { type Command, type CommandValues, REPOSITORY, runCommand, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import type { OfflineApp } from "./app";
import { MAX_ENVIRONMENTS } from "./lambda/function";
import { type Offline, startOffline } from "./offline";
import { createTerminal, type Output } from "./terminal";

const COMMAND = {
  name: "pnpm offline",
  about: "Serves the deployment graph of a stage, infra/graph/<stage>.json, on this machine.",
  usage: ["[--stage NAME] [--port N] [--project DIR] [--max-environments N]", "token --help"],
  details: `It runs the real function bundles and writes the access log as AWS would. It needs no AWS account and no
network. Ctrl-C lets running requests finish; a second one does not wait for them.`,
  options: {
    stage: { type: "string", default: "dev", value: "NAME", about: "stage to serve (default: dev)" },
    port: { type: "string", default: "3000", value: "N", about: "port of the API; 0 takes a free one (default: 3000)" },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder of the sst.config.ts (default: this repository)",
    },
    "max-environments": {
      type: "string",
      default: String(MAX_ENVIRONMENTS),
      value: "N",
      about: `execution environments of one function at most; fewer if memory is short (default: ${MAX_ENVIRONMENTS})`,
    },
  },
  exitCodes: { 0: "ended cleanly", 1: "something cannot be served: standard error says why" },
} as const satisfies Command;

/** The parts of a process that the command uses. */
export interface Environment {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  /** Resolves at the first signal to end. Never rejects. */
  interrupted: Promise<void>;
}

/** Returns the exit code: 0 after a clean end, 1 if something cannot be served, 2 for wrong usage. */
export async function main(argv: string[], environment: Environment, app: OfflineApp = {}): Promise<number> {
  const cwd = environment.env.INIT_CWD ?? process.cwd(); // a package manager runs its scripts elsewhere
  if (argv[0] === "token") {
    const { token } = await import("./token");
    return token(argv.slice(1), { ...environment, cwd }, app);
  }
  return runCommand(COMMAND, argv, environment, (values) => {
    return serve({ ...optionsOf(values, cwd), ...app }, environment);
  });
}

async function serve(options: ReturnType<typeof optionsOf> & OfflineApp, environment: Environment): Promise<number> {
  const start = performance.now();
  const { stdout, env, interrupted } = environment;
  const terminal = createTerminal(stdout, env);
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
  terminal.notice("Waiting for running requests. Press Ctrl-C again to end at once.");
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
