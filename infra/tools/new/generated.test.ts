import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";
import { write as graphText } from "@backend/sst-graph/write";
import { judge } from "@backend/sst-policy/judge";
import { cached } from "@backend/testing/cached";
import { SEED, sampled } from "@backend/testing/sampling";
import { synthesised } from "@backend/testing/synthesised";
import { wholeCopy } from "@backend/testing/whole-copy";
import { expect, it } from "vitest";

import { parseFields } from "./fields";
import { planOf } from "./plan";
import type { Noun } from "./render";
import { write } from "./write";

/**
 * Every variant of the template: whose the things are, and who chooses their keys. No app has nouns
 * of these names. `pnpm soak new` does all that a person would do.
 */
const VARIANTS: Noun[] = [
  {
    ...{ plural: "zebras", singular: "zebra", perTenant: true, key: undefined },
    fields: parseFields("customer:string,total:number"),
  },
  {
    ...{ plural: "lemurs", singular: "lemur", perTenant: true, key: "sku" },
    fields: parseFields("sku:string,price:number,stock:integer,onSale:boolean,soldOutAt:timestamp?"),
  },
  {
    ...{ plural: "zebra-crossings", singular: "zebra-crossing", perTenant: false, key: undefined },
    fields: parseFields("name:string"),
  },
  {
    ...{ plural: "colonies", singular: "colony", perTenant: false, key: "code" },
    fields: parseFields("code:string,rank:integer,note:string?"),
  },
];
/** Two variants, others in each run; all of them in `pnpm soak properties`. */
const NOUNS = VARIANTS.filter((_, index) => (index + SEED) % 2 < sampled({ suite: 1, soak: 2 }).numRuns);
const FOLDERS = NOUNS.flatMap(({ plural }) => [`packages/core/src/${plural}`, `packages/functions/src/${plural}`]);

const INPUTS = [
  ...["sst.config.ts", "package.json", "pnpm-lock.yaml", "biome.json", "infra"],
  ...["core", "functions", "platform/src", "testing/src", "sst-graph/src", "sst-policy/src"].map(
    (name) => `packages/${name}`,
  ),
].map((file) => path.join(REPOSITORY, file));

it("generated nouns have types, pass their tests and the policy of prod", { tags: ["sampled"] }, async () => {
  const outcome = await cached("nouns", [JSON.stringify(NOUNS), ...INPUTS], async () => {
    const { folder, remove } = wholeCopy();
    try {
      return await checkNouns(folder);
    } finally {
      remove();
    }
  });
  expect(outcome).toEqual({ types: "", findings: [], tests: { success: true, numPassedTests: expect.any(Number) } });
  expect(outcome.tests.numPassedTests).toBeGreaterThan(50);
});

async function checkNouns(project: string) {
  for (const [index, noun] of NOUNS.entries()) {
    const plan = planOf(noun, project);
    if (index === 0) write(plan, project, () => {});
    else writeUnformatted({ ...plan.made, ...plan.changed }, project);
  }
  const graph = await synthesised(project, "prod");
  writeFileSync(path.join(project, "infra/graph/dev.json"), graphText(graph)); // where tests look for tables

  const { PROMISES } = await import(/* @vite-ignore */ path.join(project, "infra/tools/policy.ts"));
  const { findings } = judge(graph, PROMISES, new Date().toISOString().slice(0, 10));
  return {
    types: typesOf(project),
    findings: findings.map(({ rule, urn, ...finding }) => ({ ...finding, rule: rule.id, urn })),
    tests: testsOf(project),
  };
}

/** The formatter costs a second for each noun. */
function writeUnformatted(files: Record<string, string>, project: string): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  }
}

/** What the compiler says of the files of the nouns. */
function typesOf(project: string): string {
  const config = path.join(project, "packages/tsconfig.nouns.json");
  const include = [...FOLDERS.map((folder) => path.join(project, folder)), "**/*.d.ts"];
  writeFileSync(config, JSON.stringify({ extends: "./tsconfig.json", include }));
  return output(project, "tsc", ["-p", config]);
}

/** Runs them without the setup of this repository's tests, which installs SST's platform. */
function testsOf(project: string): { success: boolean; numPassedTests: number } {
  const report = path.join(project, "report.json");
  const test = {
    include: FOLDERS.map((folder) => `${folder}/*.test.ts`),
    ...{ isolate: false, maxWorkers: 1, restoreMocks: true, testTimeout: 180_000, hookTimeout: 180_000 },
    ...{ env: { ORIGIN_SECRETS: "none" }, reporters: ["json"], outputFile: report },
  };
  writeFileSync(path.join(project, "vitest.config.ts"), `export default ${JSON.stringify({ test })};`);
  const text = output(project, "vitest", ["run"]);
  const { success, numPassedTests } = JSON.parse(readFileSync(report, "utf8"));
  if (!success) console.error(text);
  return { success, numPassedTests };
}

/** Runs a command of a package, and returns what it writes. */
function output(cwd: string, command: string, args: string[]): string {
  const { VITEST, VITEST_WORKER_ID, VITEST_POOL_ID, NODE_OPTIONS, ...env } = process.env;
  const bin = path.join(cwd, "node_modules/.bin", command);
  const { stdout, stderr, error } = spawnSync(bin, args, { cwd, encoding: "utf8", env });
  if (error !== undefined) throw error;
  return `${stdout}${stderr}`;
}
