import { existsSync } from "node:fs";
import path from "node:path";
import { parseCommandLine, UsageError } from "@secure-backend/graph/command-line";
import { oneLine } from "@secure-backend/graph/printable";

import { type Account, accountOf } from "../aws/account";
import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { explained } from "../explained";
import { durationOf, TARGET_HELP, TARGET_OPTIONS } from "../options";
import { type Orphan, orphanLogGroups } from "../orphans";
import { bytes, moment } from "../report/numbers";
import { stagesOf, type UnusedStage, unusedStage } from "../stages";
import { describe, targetOf } from "../target";
import { paintFor } from "../terminal";
import { safeJson } from "../text";

const HELP = `Usage: pnpm ops clean [--stage NAME] [--yes] [options]

Lists what stages of this app left behind on AWS: log groups whose function or API is gone, and personal stages that nobody calls.
Deletes those log groups with --yes, and nothing else: a stage is removed by sst remove, which knows its state. Kept evidence, and what
carries another app's tags, stays. Exit code 1 while there is something to clean.

  --stage NAME       this stage only (default: all of the app)
  --yes              delete the log groups listed
  --unused-for SPAN  a personal stage without a request for so long is unused (default: 30d)
${TARGET_HELP}`;

interface Leftovers {
  unused: UnusedStage[];
  orphans: Orphan[];
  spared: Orphan[];
}

export async function clean(argv: string[], environment: Environment): Promise<number> {
  const { stdout, stderr, cwd, signal } = environment;
  const { values } = parseCommandLine(argv, OPTIONS, HELP);
  if (values.help) {
    stdout.write(HELP);
    return 0;
  }
  if (values.offline)
    throw new UsageError("clean looks at an AWS account; offline, delete the folder .offline/<stage>");
  const since = Date.now() - durationOf("--unused-for", values["unused-for"]);
  // Without a stage, dev stands for all: it has the names, and the region.
  const target = targetOf({ ...values, stage: values.stage ?? "dev" }, cwd);
  const account = accountOf(target, signal);
  stderr.write(values.stage === undefined ? `All stages, AWS ${target.region ?? ""}\n` : `${describe(target)}\n`);

  const model = declaredBy(target.project, target.stage);
  const stages = values.stage === undefined ? await stagesOf(account, model) : [values.stage];
  const leftovers: Leftovers = { unused: [], orphans: [], spared: [] };
  for (const stage of stages) {
    const declared = declaredBy(target.project, stage);
    const { orphans, spared } = await orphanLogGroups(account, declared);
    leftovers.orphans.push(...orphans);
    leftovers.spared.push(...spared);
    if (existsSync(path.join(target.project, "infra/graph", `${stage}.json`))) continue; // a stage of the project
    const unused = await unusedStage(account, declared, since);
    if (unused !== undefined) leftovers.unused.push(unused);
  }
  if (!values.json) list(leftovers, environment);
  const deleted = values.yes ? await remove(account, leftovers.orphans, environment) : [];
  if (values.json) stdout.write(`${safeJson({ stages, ...leftovers, deleted }, 2)}\n`);
  else if (!values.yes && leftovers.orphans.length > 0)
    stdout.write("\nNothing was deleted. --yes deletes these log groups.\n");
  return leftovers.unused.length > 0 || deleted.length < leftovers.orphans.length ? 1 : 0;
}

const OPTIONS = {
  ...TARGET_OPTIONS,
  yes: { type: "boolean", default: false },
  "unused-for": { type: "string", default: "30d" },
} as const;

function list({ unused, orphans, spared }: Leftovers, { stdout, env }: Environment): void {
  const paint = paintFor(stdout, env);
  const groupLine = ({ name, why, storedBytes, createdAt }: Orphan) =>
    `  ${oneLine(name)}  ${paint.dim(`${why}, ${bytes(storedBytes)}, made ${moment(createdAt)}`)}\n`;
  if (unused.length + orphans.length + spared.length === 0) stdout.write("Nothing was left behind.\n");
  if (orphans.length > 0) stdout.write(`${paint.bold("Orphan log groups")}\n${orphans.map(groupLine).join("")}`);
  if (unused.length > 0) {
    const lines = unused.map(
      ({ stage, resources, why }) =>
        `  ${stage}  ${paint.dim(`${resources} resources, ${why}:`)} sst remove --stage ${stage}\n`,
    );
    stdout.write(`${paint.bold("Unused stages")}\n${lines.join("")}`);
  }
  if (spared.length > 0) stdout.write(`${paint.bold("Never deleted here")}\n${spared.map(groupLine).join("")}`);
}

/** Names of those that are gone; the others are named on standard error. */
async function remove(account: Account, orphans: Orphan[], { stderr, signal }: Environment): Promise<string[]> {
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
