import { type CommandStreams, parseCommandLine, REPOSITORY, reportError } from "@backend/sst-graph/command-line";

import { writeOpenApi } from "./write";

const HELP = `Usage: pnpm openapi

Writes the OpenAPI document of this app's operations, from the graph as it is. It is enough after a change of schemas or
texts; "pnpm synth" writes the document as well.

  --help   show this text
`;

/** Exit code: 0, 1 for operations that do not fit the graph, 2 for wrong usage. */
export function main(argv: string[], streams: CommandStreams): number {
  try {
    const { help } = parseCommandLine(argv, {}, HELP).values;
    streams.stdout.write(help ? HELP : `${writeOpenApi(REPOSITORY)}\n`);
    return 0;
  } catch (error) {
    return reportError(error, streams);
  }
}
