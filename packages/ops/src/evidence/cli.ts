import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type Command, type CommandStreams, runCommand, UsageError } from "@backend/sst-graph/command-line";
import { openStageGraph } from "@backend/sst-graph/stage-graph";

import { archiveOf, evidenceOf } from "./bundle";
import { commitOf } from "./repository";
import { parseTestResults } from "./test-results";
import { assertTested, RESULTS_FILE } from "./tested";

const COMMAND = {
  name: "pnpm evidence",
  about: "Creates an archive of audit evidence for a stage.",
  usage: ["--stage NAME [options]"],
  details: `The archive contains the deployment graph, the policy findings, all test results, dependency versions, a
software bill of materials and checksums. Run pnpm test first. The same commit gives the same bytes.`,
  options: {
    stage: { type: "string", value: "NAME", about: "stage with a graph in infra/graph" },
    out: { type: "string", default: "evidence", value: "DIR", about: "output folder (default: evidence)" },
    "test-results": {
      type: "string",
      default: RESULTS_FILE,
      value: "FILE",
      about: `test results of pnpm test (default: ${RESULTS_FILE})`,
    },
    "allow-dirty": {
      type: "boolean",
      default: false,
      about: "allow uncommitted changes; the archive lists them",
    },
    project: { type: "string", default: ".", value: "DIR", about: "folder of sst.config.ts (default: this one)" },
  },
  exitCodes: { 0: "archive created", 1: "archive not created, or created with failed tests" },
} as const satisfies Command;

interface Environment extends CommandStreams {
  cwd: string;
}

export function main(argv: string[], { cwd, ...streams }: Environment): Promise<number> {
  return runCommand(COMMAND, argv, streams, async (values) => {
    const { stage } = values;
    if (stage === undefined) throw new UsageError("--stage is missing: expected the name of a stage");
    const project = path.resolve(cwd, values.project);
    const { app } = openStageGraph(project, stage).load();
    const commit = commitOf(project);
    if (commit.dirty.length > 0 && !values["allow-dirty"]) {
      throw new Error(
        `uncommitted changes in ${commit.dirty.length} files, such as ${commit.dirty[0]}: ` +
          "commit them or use --allow-dirty",
      );
    }
    const results = path.resolve(project, values["test-results"]);
    const tests = parseTestResults(readJson(results), project, commit);
    assertTested(results, commit.state);
    const files = await evidenceOf({ project, stage, commit, tests });
    const name = `${app}-${stage}-${commit.id.slice(0, 12)}`;
    const archive = path.resolve(project, values.out, `${name}.tar`);
    mkdirSync(path.dirname(archive), { recursive: true });
    writeFileSync(archive, await archiveOf(files, name, commit));
    streams.stdout.write(`${archive}\n`);
    const failed = tests.counts.failed ?? 0;
    if (failed > 0) streams.stderr.write(`The archive was created, but ${failed} tests failed.\n`);
    return failed > 0 ? 1 : 0;
  });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(`${file} has no test results: run pnpm test first`);
  }
}
