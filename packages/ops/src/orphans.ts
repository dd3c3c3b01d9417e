import type { Account, LogGroup } from "./aws/account";
import type { Declared } from "./declared";

export interface Leftover extends LogGroup {
  why: string;
}

/** A deployment makes a function's log group before the function. */
const MIN_AGE_MS = 3_600_000;

/**
 * Finds the log groups that have a name of this stage and whose function or API does not exist.
 *
 * - `orphans` carry the tags that SST gives to this app and stage, and may be deleted.
 * - `spared` must not be deleted: evidence, groups of other apps or of unknown owners, new groups.
 *
 * A name alone proves nothing: Lambda makes a group for any function, of any app, without tags.
 *
 * @param now epoch milliseconds
 */
export async function findOrphans(
  account: Account,
  { app, stage, apis, functions, logGroups }: Declared,
  now: number,
): Promise<{ orphans: Leftover[]; spared: Leftover[] }> {
  const kept = new Set(logGroups.filter((group) => group.kept).map(({ name }) => name));
  const names = new Set([...logGroups.map(({ name }) => name), ...functions.map(({ name }) => `/aws/lambda/${name}`)]);
  const found: LogGroup[] = [];
  for (const name of names) found.push(...(await account.logGroups(name)).filter((group) => group.name === name));
  if (found.length === 0) return { orphans: [], spared: [] };

  const existing = new Set(await account.functionNames());
  const apiExists = (await Promise.all(apis.map((api) => account.apiStages(api))))
    .flat()
    .some(({ stages }) => stages.some(({ name }) => name === stage));
  const orphans: Leftover[] = [];
  const spared: Leftover[] = [];
  for (const group of found) {
    const [, functionName] = /^\/aws\/lambda\/(.+)$/.exec(group.name) ?? [];
    if (functionName === undefined ? apiExists : existing.has(functionName)) continue;
    const tags = await account.logGroupTags(group.arn);
    const reason = kept.has(group.name)
      ? "evidence, kept on removal"
      : (otherOwner(tags, app, stage) ??
        (group.createdAt > now - MIN_AGE_MS ? "less than an hour old: a deployment may be running" : undefined));
    if (reason !== undefined) spared.push({ ...group, why: reason });
    else {
      const why = functionName === undefined ? "its API is not deployed" : `there is no function ${functionName}`;
      orphans.push({ ...group, why });
    }
  }
  return { orphans, spared };
}

/**
 * Returns why a log group is not proven to be of this app and stage, or undefined if its tags prove
 * it.
 */
function otherOwner(tags: Record<string, string>, app: string, stage: string): string | undefined {
  const { "sst:app": ownerApp, "sst:stage": ownerStage } = tags;
  if (ownerApp === app && ownerStage === stage) return undefined;
  if (Object.keys(tags).length === 0)
    return "it has no tags: find out what made it, then delete it with aws logs delete-log-group";
  if (ownerApp === undefined) return "it carries the tags of something that SST did not deploy";
  return `it carries the tags of ${ownerApp}, stage ${ownerStage ?? "unknown"}`;
}
