import { type Command, type CommandValues, runCommand, UsageError } from "@backend/sst-graph/command-line";

import type { Environment } from "./environment";
import { explained } from "./explained";

/** Runs a command of `pnpm ops`. Ctrl-C gives exit code 130; errors of AWS are explained. */
export function runOps<const C extends Command>(
  command: C,
  argv: string[],
  environment: Environment,
  run: (values: CommandValues<C>, positionals: string[]) => Promise<number>,
): Promise<number> {
  return runCommand(command, argv, environment, async (values, positionals) => {
    try {
      return await run(values, positionals);
    } catch (error) {
      if (environment.signal.aborted) return 130;
      throw error instanceof UsageError ? error : new Error(explained(error), { cause: error });
    }
  });
}
