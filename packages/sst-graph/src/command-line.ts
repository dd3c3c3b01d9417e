import { type ParseArgsConfig, parseArgs } from "node:util";

import type { Command, CommandOptions } from "./command";
import { formatHelp } from "./command-help";
import { oneLine, printable } from "./printable";
import { checkStage } from "./stages";
import { UsageError } from "./usage-error";

export type { Command, CommandOptions } from "./command";
export { REPOSITORY } from "./repository";
export { checkStage, UsageError };

export interface CommandStreams {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
}

const HELP_OPTION = { help: { type: "boolean", default: false, about: "shows this text" } } as const;

type Options<C extends Command> = C["options"] & typeof HELP_OPTION;

/** The values of a command's options, with their defaults. */
export type CommandValues<C extends Command> = ReturnType<
  typeof parseArgs<{ options: Options<C>; strict: true; allowPositionals: true }>
>["values"];

/**
 * Runs a command and returns its exit code. Every command has the option `--help`. Checks `--stage`
 * if the command has it. Prints only the message of an error, without a stack trace. A UsageError
 * gives exit code 2, any other error 1.
 *
 * @param run gets the options and the other arguments, and returns the exit code
 */
export async function runCommand<const C extends Command>(
  command: C,
  argv: string[],
  streams: CommandStreams,
  run: (values: CommandValues<C>, positionals: string[]) => number | Promise<number>,
): Promise<number> {
  try {
    const { values, positionals } = parseCommandLine(command, argv);
    if ((values as { help: boolean }).help) {
      streams.stdout.write(formatHelp(command, HELP_OPTION));
      return 0;
    }
    return await run(values, positionals);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const hint = isUsage ? `\nRun "${command.name} --help" for help.` : "";
    streams.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}${hint}\n`);
    return isUsage ? 2 : 1;
  }
}

function parseCommandLine<C extends Command>(command: C, argv: string[]) {
  const options: Options<C> = { ...command.options, ...HELP_OPTION };
  const parsed = parse({ args: argv, options, allowPositionals: command.arguments !== undefined, strict: true });
  const { stage } = parsed.values as { stage?: string | string[] };
  for (const name of [stage ?? []].flat()) checkStage(name);
  const { choices } = command.arguments ?? {};
  const unknown = choices && parsed.positionals.find((name) => !Object.hasOwn(choices, name));
  if (choices !== undefined && unknown !== undefined)
    throw new UsageError(`Unexpected argument '${oneLine(unknown)}': expected ${Object.keys(choices).join(", ")}`);
  return parsed as { values: CommandValues<C>; positionals: string[] };
}

function parse(config: ParseArgsConfig & { options: CommandOptions }) {
  try {
    return parseArgs(config);
  } catch (error) {
    // Node.js appends hints for the authors of programs.
    const { code, message } = error as NodeJS.ErrnoException;
    const [found = ""] = message.split(/\. (?:To specify|This command does not)/);
    const names = Object.keys(config.options).map((name) => `--${name}`);
    const expected = code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" ? "" : `: expected ${names.join(", ")}`;
    throw new UsageError(`${oneLine(found)}${expected}`);
  }
}
