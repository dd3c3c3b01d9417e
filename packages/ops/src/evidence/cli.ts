import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type Command, type CommandStreams, runCommand, UsageError } from "@backend/sst-graph/command-line";
import { openStageGraph } from "@backend/sst-graph/stage-graph";

import { archiveOf, evidenceOf } from "./bundle";
import { commitOf } from "./repository";
import { testResults } from "./test-results";
import { assertTested, RESULTS } from "./tested";

const COMMAND = {
  name: "pnpm evidence",
  about: "Writes what an auditor asks for of a stage into one archive.",
  usage: ["--stage NAME [options]"],
  details: `It holds the deployment graph, the policy's verdict on it, the results of all tests, versions, a bill of
materials and checksums. Run pnpm test first. Of one commit it is always the same, byte for byte.`,
  options: {
    stage: { type: "string", value: "NAME", about: "stage of infra/graph" },
    out: { type: "string", default: "evidence", value: "DIR", about: "folder of the archive (default: evidence)" },
    "test-results": {
      type: "string",
      default: RESULTS,
      value: "FILE",
      about: `results of pnpm test (default: ${RESULTS})`,
    },
    "allow-dirty": {
      type: "boolean",
      default: false,
      about: "accept uncommitted changes; the archive records them",
    },
    project: { type: "string", default: ".", value: "DIR", about: "folder of the sst.config.ts (default: this one)" },
  },
  exitCodes: { 0: "written", 1: "not written, or written although tests failed; standard error says which" },
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
        `${commit.dirty[0]} and ${commit.dirty.length - 1} more differ from the commit: commit them, or use --allow-dirty`,
      );
    }
    const results = path.resolve(project, values["test-results"]);
    const tests = testResults(jsonIn(results), project, commit);
    assertTested(results, commit.state);
    const files = await evidenceOf({ project, stage, commit, tests });
    const name = `${app}-${stage}-${commit.id.slice(0, 12)}`;
    const archive = path.resolve(project, values.out, `${name}.tar`);
    mkdirSync(path.dirname(archive), { recursive: true });
    writeFileSync(archive, await archiveOf(files, name, commit));
    streams.stdout.write(`${archive}\n`);
    const failed = tests.counts.failed ?? 0;
    if (failed > 0) streams.stderr.write(`${failed} tests failed: the archive says so\n`);
    return failed > 0 ? 1 : 0;
  });
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(`${file} holds no test results: run pnpm test first`);
  }
}
