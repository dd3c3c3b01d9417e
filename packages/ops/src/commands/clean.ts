import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import { type Account, accountOf } from "../aws/account";
import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { explained } from "../explained";
import { durationOf, TARGET_OPTIONS } from "../options";
import { findOrphans, type Leftover } from "../orphans";
import { bytes, moment } from "../report/numbers";
import { runOps } from "../run";
import { stagesOf, type UnusedStage, unusedStage } from "../stages";
import { describe, targetOf } from "../target";
import { paintFor } from "../terminal";
import { safeJson } from "../text";

const COMMAND = {
  name: "pnpm ops clean",
  about: "Lists what removed stages of this app left behind on AWS, and deletes it on request.",
  usage: ["[--stage NAME [--yes NAME]] [options]"],
  details: `Lists log groups whose function or API is gone, and personal stages that nobody calls. It deletes only
with --yes and the stage's name, and then only log groups whose tags (sst:app, sst:stage) prove that
they belong to this stage. To remove a whole stage, use sst remove.`,
  options: {
    ...TARGET_OPTIONS,
    stage: { type: "string", value: "NAME", about: "this stage only (default: all stages of the app)" },
    yes: {
      type: "string",
      value: "NAME",
      about: "delete the orphan log groups of stage NAME, which must be the stage given",
    },
    "unused-for": {
      type: "string",
      default: "30d",
      value: "SPAN",
      about: "a personal stage counts as unused after this time without a request (default: 30d)",
    },
  },
  exitCodes: { 0: "nothing to clean", 1: "something to clean, or a failure", 130: "interrupted" },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

interface Leftovers {
  unused: UnusedStage[];
  orphans: Leftover[];
  spared: Leftover[];
}

export function clean(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values) => run(values, environment));
}

async function run(values: Values, environment: Environment): Promise<number> {
  const { stdout, stderr, cwd, signal } = environment;
  if (values.offline)
    throw new UsageError("clean looks at an AWS account; offline, delete the folder .offline/<stage>");
  checkConfirmation(values);
  const now = Date.now();
  const since = now - durationOf("--unused-for", values["unused-for"]);
  // Without a stage, dev stands for all: it has the names, and the region.
  const target = targetOf({ ...values, stage: values.stage ?? "dev" }, cwd);
  const account = accountOf(target, signal);
  const where = values.stage === undefined ? `All stages, AWS ${target.region ?? ""}` : describe(target);
  stderr.write(`${where}, account ${(await account.identity()).account}\n`);

  const model = declaredBy(target.project, target.stage);
  const stages = values.stage === undefined ? await stagesOf(account, model) : [values.stage];
  const leftovers: Leftovers = { unused: [], orphans: [], spared: [] };
  for (const stage of stages) {
    const declared = declaredBy(target.project, stage);
    const { orphans, spared } = await findOrphans(account, declared, now);
    leftovers.orphans.push(...orphans);
    leftovers.spared.push(...spared);
    if (existsSync(path.join(target.project, "infra/graph", `${stage}.json`))) continue; // a stage of the project
    const unused = await unusedStage(account, declared, since);
    if (unused !== undefined) leftovers.unused.push(unused);
  }
  if (!values.json) list(leftovers, environment);
  const deleted = values.yes === undefined ? [] : await remove(account, leftovers.orphans, environment);
  if (values.json) stdout.write(`${safeJson({ stages, ...leftovers, deleted }, 2)}\n`);
  else if (values.yes === undefined && leftovers.orphans.length > 0) {
    const stage = values.stage ?? "NAME";
    stdout.write(`\nNothing was deleted. To delete these log groups: --stage ${stage} --yes ${stage}\n`);
  }
  return leftovers.unused.length > 0 || deleted.length < leftovers.orphans.length ? 1 : 0;
}

/** Throws a UsageError unless `--yes` repeats the name of the one stage to clean. */
function checkConfirmation({ stage, yes }: { stage?: string | undefined; yes?: string | undefined }): void {
  if (yes === undefined) return;
  if (stage === undefined) throw new UsageError("--yes deletes in one stage only: expected --stage NAME --yes NAME");
  if (yes !== stage)
    throw new UsageError(`--yes ${oneLine(yes)}: expected the name of the stage to clean, --yes ${stage}`);
}

function list({ unused, orphans, spared }: Leftovers, { stdout, env }: Environment): void {
  const paint = paintFor(stdout, env);
  const groupLine = ({ name, why, storedBytes, createdAt }: Leftover) =>
    `  ${oneLine(name)}  ${paint.dim(`${oneLine(why)}, ${bytes(storedBytes)}, created ${moment(createdAt)}`)}\n`;
  if (unused.length + orphans.length + spared.length === 0) stdout.write("Nothing was left behind.\n");
  if (orphans.length > 0) stdout.write(`${paint.bold("Orphan log groups")}\n${orphans.map(groupLine).join("")}`);
  if (unused.length > 0) {
    const lines = unused.map(
      ({ stage, resources, why }) =>
        `  ${stage}  ${paint.dim(`${resources} resources, ${why}:`)} sst remove --stage ${stage}\n`,
    );
    stdout.write(`${paint.bold("Unused stages")}\n${lines.join("")}`);
  }
  if (spared.length > 0)
    stdout.write(`${paint.bold("Not deleted by this command")}\n${spared.map(groupLine).join("")}`);
}

/** Returns the names of the deleted groups; the others are named on standard error. */
async function remove(account: Account, orphans: Leftover[], { stderr, signal }: Environment): Promise<string[]> {
  const deleted: string[] = [];
  for (const { name } of orphans) {
    try {
      await account.deleteLogGroup(name);
      deleted.push(name);
    } catch (error) {
      signal.throwIfAborted();
      stderr.write(`${oneLine(name)} was not deleted: ${explained(error)}\n`);
    }
  }
  if (orphans.length > 0) stderr.write(`Deleted ${deleted.length} of ${orphans.length} log groups.\n`);
  return deleted;
}
