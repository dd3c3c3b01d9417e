import path from "node:path";

import { parseCommandLine, REPOSITORY, reportError, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import type { OfflineApp } from "./app";
import { MAX_ENVIRONMENTS } from "./lambda/function";
import { type Offline, startOffline } from "./offline";
import { createTerminal, type Output } from "./terminal";

const HELP = `Usage: pnpm offline [--stage NAME] [--port N] [--project DIR] [--max-environments N]
       pnpm offline token --help

Serves infra/graph/<stage>.json, the deployment graph of sst.config.ts, on this machine: with the real function bundles and
the access log as AWS would write it. No AWS account, no network.

  --stage NAME    stage to serve (default: dev)
  --port N        port of the API; 0 takes a free one (default: 3000)
  --project DIR   folder of the sst.config.ts (default: this repository)
  --max-environments N
                  execution environments of one function at most; fewer if memory is short (default: ${MAX_ENVIRONMENTS})
  --help          show this text

Ctrl-C lets running requests finish; a second one does not wait for them.
`;

/** The parts of a process that the command uses. */
export interface Environment {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  /** Resolves at the first signal to end. Never rejects. */
  interrupted: Promise<void>;
}

/** Returns the exit code: 0 after a clean end, 1 if something cannot be served, 2 for wrong usage. */
export async function main(
  argv: string[],
  { stdout, stderr, env, interrupted }: Environment,
  app: OfflineApp = {},
): Promise<number> {
  const start = performance.now();
  const terminal = createTerminal(stdout, env);
  const interruption = new AbortController();
  void interrupted.then(() => interruption.abort());
  let offline: Offline;
  try {
    if (argv[0] === "token") {
      const { token } = await import("./token");
      stdout.write(await token(argv.slice(1), env.INIT_CWD ?? process.cwd(), REPOSITORY, app));
      return 0;
    }
    const options = parseOptions(argv, env.INIT_CWD ?? process.cwd());
    if (options === "help") {
      stdout.write(HELP);
      return 0;
    }
    offline = await startOffline({ ...options, ...app, signal: interruption.signal }, terminal);
  } catch (error) {
    if (interruption.signal.aborted) return 0;
    return reportError(error, { stderr });
  }
  terminal.started(offline, performance.now() - start);
  await interrupted;
  terminal.notice("Waiting for running requests. Press Ctrl-C again to end at once.");
  try {
    await offline.stop();
    return 0;
  } catch (error) {
    return reportError(error, { stderr });
  }
}

/** @param cwd where the command was called: a package manager runs its scripts elsewhere */
function parseOptions(argv: string[], cwd: string) {
  const { values } = parseCommandLine(argv, OPTIONS, HELP);
  const { stage, port, project, "max-environments": environments, help } = values;
  if (help) return "help";
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

const OPTIONS = {
  stage: { type: "string", default: "dev" },
  port: { type: "string", default: "3000" },
  project: { type: "string", default: REPOSITORY },
  "max-environments": { type: "string", default: String(MAX_ENVIRONMENTS) },
} as const;
