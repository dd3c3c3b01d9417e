import type { Account, LogGroup } from "./aws/account";
import type { Declared } from "./declared";

export interface Orphan extends LogGroup {
  why: string;
}

/**
 * Log groups with a name that this stage gives to its own, whose function or API is not there. `spared` are those among them that
 * nothing here may delete: kept evidence, and what carries the tags of something else.
 */
export async function orphanLogGroups(
  account: Account,
  { app, stage, apis, functions, logGroups }: Declared,
): Promise<{ orphans: Orphan[]; spared: Orphan[] }> {
  const kept = new Set(logGroups.filter((group) => group.kept).map(({ name }) => name));
  const names = new Set([...logGroups.map(({ name }) => name), ...functions.map((name) => `/aws/lambda/${name}`)]);
  const found: LogGroup[] = [];
  for (const name of names) found.push(...(await account.logGroups(name)).filter((group) => group.name === name));
  if (found.length === 0) return { orphans: [], spared: [] };

  const existing = new Set(await account.functionNames());
  const apiIsThere = (await Promise.all(apis.map((api) => account.apiStages(api))))
    .flat()
    .some(({ stages }) => stages.some(({ name }) => name === stage));
  const orphans: Orphan[] = [];
  const spared: Orphan[] = [];
  for (const group of found) {
    const [, functionName] = /^\/aws\/lambda\/(.+)$/.exec(group.name) ?? [];
    if (functionName === undefined ? apiIsThere : existing.has(functionName)) continue;
    const why = functionName === undefined ? "its API is not deployed" : `there is no function ${functionName}`;
    const tags = await account.logGroupTags(group.arn);
    const owner = foreign(tags, app, stage);
    if (kept.has(group.name)) spared.push({ ...group, why: "evidence, kept on removal" });
    else if (owner !== undefined) spared.push({ ...group, why: `it carries the tags of ${owner}` });
    else orphans.push({ ...group, why });
  }
  return { orphans, spared };
}

/** Whose a log group is, where its tags say that it is not this stage's. Lambda makes groups of its own without any tag. */
function foreign(tags: Record<string, string>, app: string, stage: string): string | undefined {
  if (Object.keys(tags).length === 0) return undefined;
  if (tags["sst:app"] === app && tags["sst:stage"] === stage) return undefined;
  if (tags["sst:app"] === undefined) return "something that SST did not deploy";
  return `${tags["sst:app"]}, stage ${tags["sst:stage"] ?? "unknown"}`;
}
