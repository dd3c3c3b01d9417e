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
  about: "Writes what a deployment of each stage would create in AWS to infra/graph/<stage>.json.",
  usage: ["[--stage NAME]... [--project DIR]", "--platform-only"],
  details: `Evaluates sst.config.ts with SST's own components, without an AWS account.`,
  options: {
    stage: {
      type: "string",
      multiple: true,
      default: STAGES,
      value: "NAME",
      about: `a stage to synthesise; may be repeated (default: ${STAGES.join(", ")})`,
    },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder of the sst.config.ts (default: this repository)",
    },
    "platform-only": {
      type: "boolean",
      default: false,
      about: "only install SST's components and types into .sst/platform",
    },
  },
} as const satisfies Command;

interface Environment extends CommandStreams {
  /** The user's working folder: a package manager runs its scripts elsewhere. */
  cwd: string;
  /**
   * Derives more files from the graphs, once they are written. Returns what it did, in words; undefined for nothing.
   *
   * @param project folder of the sst.config.ts
   */
  afterWrite?(project: string): string | undefined;
}

/** Exit code: 0, 1 when a synthesis fails, 2 for wrong usage. */
export function main(argv: string[], { afterWrite, ...streams }: Environment): Promise<number> {
  const say = (text: string) => streams.stdout.write(`${text}\n`);
  return runCommand(COMMAND, argv, streams, async (values) => {
    const project = path.resolve(streams.cwd, values.project);
    if (!existsSync(path.join(project, "sst.config.ts")))
      throw new UsageError(`${project} has no sst.config.ts: --project names the folder of one`);
    const platform = await installPlatform(REPOSITORY, say);
    if (values["platform-only"]) return 0;
    await withSynthLock(project, () => synthAll(project, platform, [...new Set(values.stage)], say), { say });
    const derived = afterWrite?.(project);
    if (derived !== undefined) say(derived);
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
      if (problem !== undefined) say(`${problem}; it holds stage ${stage} alone now.`);
      say(`${path.relative(process.cwd(), file)}: ${graph.resources.length} resources, ${verdict}`);
    }
  } finally {
    synthesiser.close();
  }
}
