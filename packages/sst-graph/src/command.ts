import type { ParseArgsConfig } from "node:util";

/** Defines a command: its help and its options. */
export interface Command {
  /** As users type it, such as `pnpm ops logs`. */
  name: string;
  /** One sentence about what the command does. */
  about: string;
  /** Arguments after the name, one string for each form. */
  usage: readonly string[];
  /** More about the command, as wrapped text. */
  details?: string;
  /** Arguments that are not options. Without it, the command accepts none. */
  arguments?: {
    /** Heading of the list in the help, such as `Commands`. */
    title?: string;
    /**
     * Meaning of each possible argument. Without it, any argument is accepted, such as file names.
     */
    choices?: Readonly<Record<string, string>>;
  };
  options: CommandOptions;
  /** Meaning of exit codes that differ from the usual meaning. */
  exitCodes?: Readonly<Record<number, string>>;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

type ParseArgsOption = NonNullable<ParseArgsConfig["options"]>[string];

export interface CommandOption extends ParseArgsOption {
  /** Placeholder for the option's value in the help, such as `NAME`. */
  value?: string;
  about: string;
}
