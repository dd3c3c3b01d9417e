import { UsageError } from "@backend/sst-graph/command-line";
import { printable } from "@backend/sst-graph/printable";
import type { Environment } from "./environment";
import { explained } from "./explained";
import { safeJson } from "./text";

/** @param argv what follows the command's name; answers the exit code */
export type Run = (argv: string[], environment: Environment) => Promise<number>;

interface Command {
  about: string;
  /** Loaded when it is asked for: the SDK's clients take longer to load than a usage text may take. */
  load(): Promise<Run>;
}

const COMMANDS: Record<string, Command> = {
  smoke: {
    about: "call the API and find the request in both logs",
    load: () => import("./commands/smoke").then(({ smoke }) => smoke),
  },
  logs: {
    about: "show the access log, filtered, live",
    load: () => import("./commands/logs").then(({ logs }) => logs),
  },
  report: {
    about: "usage and audit report of a log group, files or standard input",
    load: () => import("./commands/report").then(({ report }) => report),
  },
  doctor: {
    about: "what is wrong, or will be at the next deployment",
    load: () => import("./commands/doctor").then(({ doctor }) => doctor),
  },
  clean: {
    about: "list what stages left behind, and delete it",
    load: () => import("./commands/clean").then(({ clean }) => clean),
  },
};

const HELP = `Usage: pnpm ops <command> --stage NAME | --offline [options]

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  .join("\n")}

  pnpm ops <command> --help says more. Exit code: 0 fine, 1 a finding or a failure, 2 wrong usage, 130 interrupted.
`;

export async function main(argv: string[], environment: Environment): Promise<number> {
  const { stdout, stderr, signal } = environment;
  const [name = "", ...rest] = argv;
  if (name === "--help" || name === "help") {
    stdout.write(HELP);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const given = name === "" ? "No command" : `Unknown command ${safeJson(name)}`;
    stderr.write(`${given}: expected ${Object.keys(COMMANDS).join(", ")}\n\n${HELP}`);
    return 2;
  }
  try {
    const run = await command.load();
    return await run(rest, environment);
  } catch (error) {
    if (signal.aborted) return 130;
    stderr.write(`${printable(explained(error))}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
