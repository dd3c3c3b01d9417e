import process from "node:process";

import { type Command, runCommand } from "@backend/sst-graph/command-line";

/** A benchmark or a soak, with its description for the help. */
export interface Program {
  about: string;
  run(): Promise<unknown>;
}

/**
 * Runs the programs named in the arguments, or all of them. Returns the exit code.
 *
 * @param begin called before each program
 */
export function runChosen(
  command: Omit<Command, "usage" | "arguments" | "options">,
  programs: Readonly<Record<string, Program>>,
  begin: (name: string, isFirst: boolean) => void = () => {},
): Promise<number> {
  const choices = Object.fromEntries(Object.entries(programs).map(([name, { about }]) => [name, about]));
  const whole = {
    ...command,
    usage: ["[NAME]..."],
    arguments: { title: "Names (default: all)", choices },
    options: {},
  };
  return runCommand(whole, process.argv.slice(2), process, async (_values, names) => {
    for (const [index, name] of (names.length === 0 ? Object.keys(programs) : names).entries()) {
      begin(name, index === 0);
      await programs[name]?.run();
    }
    return Number(process.exitCode ?? 0); // a program may fail without throwing
  });
}
