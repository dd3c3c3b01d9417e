import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "@backend/launch/replace-file";

import { type CommandStreams, parseCommandLine, REPOSITORY, reportError, UsageError } from "./command-line";
import { installPlatform } from "./platform";
import { recordSources } from "./sources";
import { graphFile } from "./stages";
import { withSynthLock } from "./synth/lock";
import { openSynthesiser } from "./synth/synth";
import { write } from "./write";

const STAGES = ["dev", "test", "prod"];

const HELP = `Usage: pnpm synth [--stage NAME]... [--project DIR]

Evaluates sst.config.ts with SST's own components, without an AWS account, and writes what a deployment of each stage would
create to infra/graph/<stage>.json.

  --stage NAME      a stage to synthesise; may be repeated (default: ${STAGES.join(", ")})
  --project DIR     folder of the sst.config.ts (default: this repository)
  --platform-only   only install SST's components and types into .sst/platform
  --help            show this text
`;

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
export async function main(argv: string[], { afterWrite, ...streams }: Environment): Promise<number> {
  const say = (text: string) => streams.stdout.write(`${text}\n`);
  try {
    const { values } = parseCommandLine(argv, OPTIONS, HELP);
    if (values.help) {
      streams.stdout.write(HELP);
      return 0;
    }
    const project = path.resolve(streams.cwd, values.project);
    if (!existsSync(path.join(project, "sst.config.ts")))
      throw new UsageError(`${project} has no sst.config.ts: --project names the folder of one`);
    const platform = await installPlatform(REPOSITORY, say);
    if (values["platform-only"]) return 0;
    await withSynthLock(project, () => synthAll(project, platform, [...new Set(values.stage)], say), { say });
    const derived = afterWrite?.(project);
    if (derived !== undefined) say(derived);
    return 0;
  } catch (error) {
    return reportError(error, streams);
  }
}

const OPTIONS = {
  stage: { type: "string", multiple: true, default: STAGES },
  project: { type: "string", default: REPOSITORY },
  "platform-only": { type: "boolean", default: false },
} as const;

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
