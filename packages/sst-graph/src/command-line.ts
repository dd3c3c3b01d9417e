import { type ParseArgsConfig, parseArgs } from "node:util";

import { oneLine, printable } from "./printable";
import { checkStage } from "./stages";
import { UsageError } from "./usage-error";

export { REPOSITORY } from "./repository";
export { checkStage, UsageError };

export interface CommandStreams {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
}

type Options = NonNullable<ParseArgsConfig["options"]>;

const HELP_OPTION = { help: { type: "boolean", default: false } } as const satisfies Options;

/**
 * Parses a command's arguments. `--help` is one of the options of every command; `--stage` is
 * checked wherever it is one. Throws a UsageError that ends with the help.
 *
 * @param files whether the command takes arguments that are no options
 */
export function parseCommandLine<const O extends Options>(
  argv: string[],
  options: O,
  help: string,
  { files = false }: { files?: boolean } = {},
) {
  const parsed = parse(argv, { ...HELP_OPTION, ...options }, help, files);
  const { stage } = parsed.values as { stage?: string | string[] };
  for (const name of [stage ?? []].flat()) checkStage(name);
  return parsed;
}

/**
 * Writes an error's message, without a stack trace, and returns the exit code: 2 for a UsageError, 1 for any other.
 */
export function reportError(error: unknown, { stderr }: Pick<CommandStreams, "stderr">): 1 | 2 {
  stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function parse<const O extends Options>(argv: string[], options: O, help: string, files: boolean) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: files, strict: true });
  } catch (error) {
    // Node.js adds a hint about "--" that our commands have no use for.
    const [message = ""] = (error as Error).message.split(". To specify a positional argument");
    throw new UsageError(`${oneLine(message)}\n\n${help}`);
  }
}
