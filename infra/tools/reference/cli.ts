import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type CommandStreams, parseCommandLine, REPOSITORY, reportError } from "@backend/sst-graph/command-line";

import { REFERENCE_FOLDER, referencePages } from "./pages";

const HELP = `Usage: pnpm reference [--check]

Writes docs/reference/ from the code and the committed graphs.

  --check   writes nothing; fails if a page differs from what would be written
  --help    show this text
`;

/** Returns the exit code: 0, 1 for a page that is stale or cannot be made, 2 for wrong usage. */
export async function main(
  argv: string[],
  streams: CommandStreams,
  { folder = REFERENCE_FOLDER, pagesOf = referencePages } = {},
): Promise<number> {
  try {
    const { values } = parseCommandLine(argv, OPTIONS, HELP);
    if (values.help) {
      streams.stdout.write(HELP);
      return 0;
    }
    const pages = pagesOf();
    const stale = stalePages(folder, pages).map((name) => ({ name, file: path.join(folder, name) }));
    if (values.check && stale.length > 0) {
      const files = stale.map(({ file }) => path.relative(REPOSITORY, file));
      throw new Error(`${files.join(", ")}: not what the code and the graphs say. Run "pnpm reference".`);
    }
    for (const { name, file } of stale) {
      const text = pages.get(name);
      mkdirSync(folder, { recursive: true });
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      streams.stdout.write(`${path.relative(REPOSITORY, file)}: ${text === undefined ? "deleted" : "written"}\n`);
    }
    return 0;
  } catch (error) {
    return reportError(error, streams);
  }
}

const OPTIONS = { check: { type: "boolean", default: false } } as const;

/** Names of the pages whose file differs or is missing, and of files that are no page. */
function stalePages(folder: string, pages: ReadonlyMap<string, string>): string[] {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const names = [...new Set([...pages.keys(), ...present])].sort();
  return names.filter((name) => {
    return !present.includes(name) || readFileSync(path.join(folder, name), "utf8") !== pages.get(name);
  });
}
