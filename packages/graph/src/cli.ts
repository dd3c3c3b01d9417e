import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { replaceFile } from "@secure-backend/launch/replace-file";

import { writeOpenApi } from "./openapi/write";
import { installPlatform } from "./platform";
import { recordSources } from "./sources";
import { openSynthesiser } from "./synth/synth";
import { write } from "./write";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");
const STAGES = ["dev", "test", "prod"];

const HELP = `Usage: pnpm synth [--stage NAME]... [--project DIR]

Evaluates sst.config.ts with SST's own components, without an AWS account, and writes what a deployment of each stage would
create to infra/graph/<stage>.json. Of this repository, also the OpenAPI document of its API.

  --stage NAME      a stage to synthesise; may be repeated (default: ${STAGES.join(", ")})
  --project DIR     folder of the sst.config.ts (default: this repository)
  --platform-only   only install SST's components and types into .sst/platform
  --help            show this text
`;

/** Exit code: 0, 1 when a synthesis fails, 2 for wrong usage. */
export async function main(argv: string[]): Promise<number> {
  let options: ReturnType<typeof parse>;
  try {
    options = parse(argv);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const project = path.resolve(process.env.INIT_CWD ?? process.cwd(), options.project);
  if (!existsSync(path.join(project, "sst.config.ts"))) {
    console.error(`${project} has no sst.config.ts: --project names the folder of one`);
    return 2;
  }
  try {
    const platform = await installPlatform(REPOSITORY, console.log);
    if (!options["platform-only"]) await synthAll(project, platform, options.stage);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

function parse(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      stage: { type: "string", multiple: true, default: STAGES },
      project: { type: "string", default: REPOSITORY },
      "platform-only": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

async function synthAll(project: string, platform: string, stages: string[]): Promise<void> {
  const synthesiser = await openSynthesiser(project, platform);
  try {
    for (const stage of stages) {
      const graph = await synthesiser.synth(stage);
      const file = path.join(project, "infra/graph", `${stage}.json`);
      const text = write(graph);
      const verdict = !existsSync(file) ? "new" : readFileSync(file, "utf8") === text ? "unchanged" : "changed";
      if (verdict !== "unchanged") replaceFile(file, text);
      recordSources(project, stage, synthesiser.sources);
      console.log(`${path.relative(process.cwd(), file)}: ${graph.resources.length} resources, ${verdict}`);
    }
    if (project === REPOSITORY) console.log(writeOpenApi(project));
  } finally {
    synthesiser.close();
  }
}
