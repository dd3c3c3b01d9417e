import { type Command, type CommandStreams, REPOSITORY, runCommand } from "@backend/sst-graph/command-line";

import { writeOpenApi } from "./write";

const COMMAND = {
  name: "pnpm openapi",
  about: "Writes the OpenAPI document of this app's operations, from the committed graph.",
  usage: [""],
  details: `Run it after a change of schemas or texts. "pnpm synth" also writes the document.`,
  options: {},
  exitCodes: { 1: "the operations do not fit the graph" },
} as const satisfies Command;

/** Exit code: 0, 1 for operations that do not fit the graph, 2 for wrong usage. */
export function main(argv: string[], streams: CommandStreams): Promise<number> {
  return runCommand(COMMAND, argv, streams, () => {
    streams.stdout.write(`${writeOpenApi(REPOSITORY)}\n`);
    return 0;
  });
}
