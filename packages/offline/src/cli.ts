import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { UsageError } from "@secure-backend/graph/usage-error";

import { MAX_ENVIRONMENTS } from "./lambda/function";
import { type Offline, startOffline } from "./offline";
import { createTerminal, type Output } from "./terminal";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");

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

/** What the command needs of the process that it runs in. */
export interface Environment {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  /** Settles when the person wants it to end. */
  interrupted: Promise<void>;
}

/** Exit code: 0 after a clean end, 1 for what cannot be served or had, 2 for wrong usage. */
export async function main(argv: string[], { stdout, stderr, env, interrupted }: Environment): Promise<number> {
  const start = performance.now();
  const terminal = createTerminal(stdout, env);
  let offline: Offline;
  try {
    if (argv[0] === "token") {
      const { token } = await import("./token");
      stdout.write(await token(argv.slice(1), env.INIT_CWD ?? process.cwd(), REPOSITORY));
      return 0;
    }
    const options = optionsOf(argv, env.INIT_CWD ?? process.cwd());
    if (options === "help") {
      stdout.write(HELP);
      return 0;
    }
    offline = await startOffline(options, terminal);
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
  terminal.started(offline, performance.now() - start);
  await interrupted;
  terminal.notice("Finishing what runs. Again to end at once.");
  await offline.stop();
  return 0;
}

/** @param cwd where the person stands: a package manager runs its scripts elsewhere */
function optionsOf(argv: string[], cwd: string) {
  const { stage, port, project, help } = parsed(argv);
  if (help) return "help";
  if (!/^[A-Za-z0-9-]+$/.test(stage)) throw new UsageError(`--stage ${stage}: expected letters, digits and hyphens`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`--port ${port}: expected 0 to 65535`);
  return { stage, port: Number(port), project: path.resolve(cwd, project) };
}

function parsed(argv: string[]) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        stage: { type: "string", default: "dev" },
        port: { type: "string", default: "3000" },
        project: { type: "string", default: REPOSITORY },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${HELP}`);
  }
}
