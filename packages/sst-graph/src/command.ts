import type { ParseArgsConfig } from "node:util";

/** Defines a command: its help and its options. */
export interface Command {
  /** As a person types it, such as `pnpm ops logs`. */
  name: string;
  /** What it does, in one sentence. */
  about: string;
  /** What may follow the name, a line for each form. */
  usage: readonly string[];
  /** What else to know: text that is already wrapped. */
  details?: string;
  /** Arguments that are not options; a command without takes none. */
  arguments?: {
    /** Heading of the list in the help, such as `Commands`; a command whose arguments are files has no list. */
    title?: string;
    /** What each possible argument means. */
    choices?: Readonly<Record<string, string>>;
  };
  options: CommandOptions;
  /** Meaning of each exit code that differs from the usual one. */
  exitCodes?: Readonly<Record<number, string>>;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

type ParseArgsOption = NonNullable<ParseArgsConfig["options"]>[string];

export interface CommandOption extends ParseArgsOption {
  /** What stands for the option's value in the help, such as `NAME`. */
  value?: string;
  about: string;
}
