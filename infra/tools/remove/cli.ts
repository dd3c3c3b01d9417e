import { readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type Command, type CommandStreams, runCommand } from "@backend/sst-graph/command-line";
import { UsageError } from "@backend/sst-graph/usage-error";

import { refuseUncommitted } from "../uncommitted";
import { type Plan, planOf, removableNouns } from "./plan";

const COMMAND = {
  name: "pnpm run remove",
  about: "Removes a noun: its folders, and the lines that other files mark with its name.",
  usage: ["NOUN [options]"],
  arguments: {},
  details: `Deletes the noun's folders and files, cuts what stands between "#region NOUN" and
"#endregion NOUN" and lines that end with "#line NOUN", formats what is left, and writes the
deployment graphs and docs/reference. Undo it with "git restore .".`,
  options: {
    "dry-run": { type: "boolean", default: false, about: "lists what it would delete and cut, and changes nothing" },
    yes: { type: "boolean", default: false, about: "does not ask" },
    force: { type: "boolean", default: false, about: "continues although files differ from the last commit" },
    "no-synth": { type: "boolean", default: false, about: "does not update generated files" },
  },
} as const satisfies Command;

export interface RemoveEnvironment extends CommandStreams {
  project: string;
  /** Asks on the terminal. Absent where there is none. */
  ask?: ((question: string) => Promise<string>) | undefined;
  /**
   * Runs one of the repository's commands with its output on the terminal. Returns the exit code.
   */
  run: (...command: string[]) => number;
}

/** Returns the exit code: 0, 1 if a step failed, 2 for wrong usage. */
export function main(argv: string[], environment: RemoveEnvironment): Promise<number> {
  return runCommand(COMMAND, argv, environment, async (values, [noun = "", ...more]) => {
    const { project, stdout, ask, run } = environment;
    const nouns = removableNouns(project);
    if (more.length > 0 || !nouns.includes(noun))
      throw new UsageError(`expected one noun: ${nouns.join(" or ") || "there is none"}`);
    const plan = planOf(project, noun);
    stdout.write(textOf(plan));
    if (values["dry-run"]) return 0;
    if (!values.force) refuseUncommitted(project);
    if (!values.yes) {
      if (ask === undefined) throw new UsageError("expected --yes, or a terminal to ask on");
      if ((await ask(`Remove ${noun}? [y/N] `)).trim().toLowerCase() !== "y") return 1;
    }

    apply(project, plan);
    const formatted = plan.edited.map(({ file }) => file).filter((file) => !file.endsWith(".md"));
    const generators = values["no-synth"] ? [] : [["synth"], ["reference"]];
    for (const command of [["exec", "biome", "check", "--write", ...formatted], ...generators]) {
      if (run(...command) !== 0) throw new Error(`pnpm ${command.slice(0, 3).join(" ")} failed: see above`);
    }
    stdout.write(
      `\n${noun} is removed: ${plan.deleted.length} files, and parts of ${plan.edited.length}. Next:\n\n${NEXT}`,
    );
    return 0;
  });
}

const NEXT = `  pnpm check
  pnpm policy
  pnpm test
  git add -A && git commit
`;

function textOf({ deleted, edited }: Plan): string {
  const cuts = edited.map(({ file, lines }) => `cut      ${file} (${lines.length} lines from ${lines[0]} on)\n`);
  return [...deleted.map((file) => `deleted  ${file}\n`), ...cuts].join("");
}

function apply(project: string, { deleted, edited }: Plan): void {
  for (const file of deleted) {
    rmSync(path.join(project, file));
    removeEmpty(project, path.dirname(file));
  }
  for (const { file, text } of edited) writeFileSync(path.join(project, file), text);
}

/** Removes a folder that is empty now, and those above it that then are. */
function removeEmpty(project: string, folder: string): void {
  if (folder === "." || readdirSync(path.join(project, folder)).length > 0) return;
  rmdirSync(path.join(project, folder));
  removeEmpty(project, path.dirname(folder));
}
