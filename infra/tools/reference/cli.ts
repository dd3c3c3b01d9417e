import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type Command, type CommandStreams, REPOSITORY, runCommand } from "@backend/sst-graph/command-line";

import { REFERENCE_FOLDER, referencePages } from "./pages";

const COMMAND = {
  name: "pnpm reference",
  about: "Writes docs/reference/ from the code and the committed graphs.",
  usage: ["[--check]"],
  options: {
    check: {
      type: "boolean",
      default: false,
      about: "writes nothing; fails if a page is out of date",
    },
  },
  exitCodes: { 1: "a page is out of date, or could not be generated" },
} as const satisfies Command;

/** Returns the exit code: 1 if a page is out of date or not generated, 2 for wrong usage. */
export function main(
  argv: string[],
  streams: CommandStreams,
  { folder = REFERENCE_FOLDER, pagesOf = referencePages } = {},
): Promise<number> {
  return runCommand(COMMAND, argv, streams, (values) => {
    const pages = pagesOf();
    const stale = findStalePages(folder, pages).map((name) => ({ name, file: path.join(folder, name) }));
    if (values.check && stale.length > 0) {
      const files = stale.map(({ file }) => path.relative(REPOSITORY, file));
      throw new Error(`${files.join(", ")}: out of date. Run "pnpm reference".`);
    }
    for (const { name, file } of stale) {
      const text = pages.get(name);
      mkdirSync(folder, { recursive: true });
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      streams.stdout.write(`${path.relative(REPOSITORY, file)}: ${text === undefined ? "deleted" : "written"}\n`);
    }
    return 0;
  });
}

/** Returns the names of pages whose file differs or is missing, and of files without a page. */
function findStalePages(folder: string, pages: ReadonlyMap<string, string>): string[] {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const names = [...new Set([...pages.keys(), ...present])].sort();
  return names.filter((name) => {
    return !present.includes(name) || readFileSync(path.join(folder, name), "utf8") !== pages.get(name);
  });
}
