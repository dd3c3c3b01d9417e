import { type Command, UsageError } from "@backend/sst-graph/command-line";

import type { Environment } from "./environment";
import { runOps } from "./run";

/** @param argv what follows the command's name; answers the exit code */
export type Run = (argv: string[], environment: Environment) => Promise<number>;

interface Subcommand {
  about: string;
  /** Loaded on demand: loading the SDK's clients takes longer than printing a help text. */
  load(): Promise<Run>;
}

const COMMANDS: Record<string, Subcommand> = {
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
  users: {
    about: "add people, and say what each may do",
    load: () => import("./commands/users").then(({ users }) => users),
  },
  tenants: {
    about: "add, list and remove tenants",
    load: () => import("./commands/tenants").then(({ tenants }) => tenants),
  },
  clients: {
    about: "machine clients and their secrets",
    load: () => import("./commands/clients").then(({ clients }) => clients),
  },
  doctor: {
    about: "find what is wrong, or would stop the next deployment",
    load: () => import("./commands/doctor").then(({ doctor }) => doctor),
  },
  stop: {
    about: "stop the API, or one function, at once",
    load: () => import("./commands/stop").then(({ stop }) => stop),
  },
  resume: {
    about: "let what was stopped run again",
    load: () => import("./commands/resume").then(({ resume }) => resume),
  },
  clean: {
    about: "list and delete what removed stages left behind",
    load: () => import("./commands/clean").then(({ clean }) => clean),
  },
};

const COMMAND = {
  name: "pnpm ops",
  about: "Operates a deployed stage, or the one that pnpm offline serves.",
  usage: ["COMMAND --stage NAME | --offline [options]", "COMMAND --help"],
  arguments: {
    title: "Commands",
    choices: Object.fromEntries(Object.entries(COMMANDS).map(([name, { about }]) => [name, about])),
  },
  options: {},
  exitCodes: { 1: "a finding or a failure", 130: "interrupted" },
} as const satisfies Command;

export async function main(argv: string[], environment: Environment): Promise<number> {
  const [name = "", ...rest] = argv;
  const subcommand = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (subcommand !== undefined) return (await subcommand.load())(rest, environment);
  return runOps(COMMAND, argv, environment, () => {
    throw new UsageError(`No command: expected ${Object.keys(COMMANDS).join(", ")}`);
  });
}
