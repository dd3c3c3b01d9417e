import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { type Command, type CommandStreams, REPOSITORY, runCommand, UsageError } from "./command-line";
import { installPlatform } from "./platform";
import { recordSources } from "./sources";
import { graphFile } from "./stages";
import { withSynthLock } from "./synth/lock";
import { openSynthesiser } from "./synth/synth";
import { write } from "./write";

const STAGES = ["dev", "test", "prod"];

const COMMAND = {
  name: "pnpm synth",
  about: "Writes the resources that a deployment of each stage would create to infra/graph/<stage>.json.",
  usage: ["[--stage NAME]... [--project DIR]", "--platform-only"],
  details: `Evaluates sst.config.ts with SST's own components, without an AWS account.`,
  options: {
    stage: {
      type: "string",
      multiple: true,
      default: STAGES,
      value: "NAME",
      about: `stage to synthesise; may be repeated (default: ${STAGES.join(", ")})`,
    },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder with sst.config.ts (default: this repository)",
    },
    "platform-only": {
      type: "boolean",
      default: false,
      about: "only installs SST's components and types into .sst/platform",
    },
  },
} as const satisfies Command;

interface Environment extends CommandStreams {
  /** The user's working folder. A package manager runs its scripts in another folder. */
  cwd: string;
  /**
   * Generates more files after the graphs are written. Returns a message about what it did, or
   * undefined if it did nothing.
   *
   * @param project folder with sst.config.ts
   */
  afterWrite?(project: string): string | undefined;
}

/** Returns the exit code: 0, 1 if a synthesis fails, 2 for wrong usage. */
export function main(argv: string[], { afterWrite, ...streams }: Environment): Promise<number> {
  const say = (text: string) => streams.stdout.write(`${text}\n`);
  return runCommand(COMMAND, argv, streams, async (values) => {
    const project = path.resolve(streams.cwd, values.project);
    if (!existsSync(path.join(project, "sst.config.ts")))
      throw new UsageError(`--project ${project}: expected a folder with sst.config.ts`);
    const platform = await installPlatform(REPOSITORY, say);
    if (values["platform-only"]) return 0;
    await withSynthLock(project, () => synthAll(project, platform, [...new Set(values.stage)], say), { say });
    const message = afterWrite?.(project);
    if (message !== undefined) say(message);
    return 0;
  });
}

async function synthAll(
  project: string,
  platform: string,
  stages: string[],
  say: (text: string) => void,
): Promise<void> {
  const synthesiser = await openSynthesiser(project, platform);
  try {
    for (const stage of stages) {
      const graph = await synthesiser.synth(stage);
      const file = graphFile(project, stage);
      const text = write(graph);
      const verdict = !existsSync(file) ? "new" : readFileSync(file, "utf8") === text ? "unchanged" : "changed";
      if (verdict !== "unchanged") replaceFile(file, text);
      const problem = recordSources(project, stage, synthesiser.sources);
      if (problem !== undefined) say(`${problem}. The new file contains only stage ${stage}.`);
      say(`${path.relative(process.cwd(), file)}: ${graph.resources.length} resources, ${verdict}`);
    }
  } finally {
    synthesiser.close();
  }
}
