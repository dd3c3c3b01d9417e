import { isoInstant } from "@backend/platform/epoch";

import { isStageName } from "@backend/sst-graph/stages";
import type { Account, LogGroup } from "./aws/account";
import { type Declared, nameInStage } from "./declared";

export interface UnusedStage {
  stage: string;
  resources: number;
  why: string;
}

/**
 * Returns the stages that this account has or had, by tags of resources and names of log groups.
 */
export async function stagesOf(account: Account, model: Declared): Promise<string[]> {
  const stages = new Set<string>();
  for (const { tags } of await account.taggedResources({ "sst:app": model.app })) {
    const stage = tags["sst:stage"];
    if (stage !== undefined && isStageName(stage)) stages.add(stage);
  }
  for (const { name } of model.logGroups) {
    const prefix = nameInStage(name, model.stage, "");
    if (prefix === name) continue; // has no stage in it
    for (const group of await account.logGroups(prefix)) {
      const stage = group.name.slice(prefix.length);
      if (isStageName(stage)) stages.add(stage);
    }
  }
  return [...stages].sort();
}

/**
 * Returns why a stage looks unused: no request since then. Undefined for a stage that is in use,
 * younger, or empty.
 *
 * @param since epoch milliseconds
 */
export async function unusedStage(
  account: Account,
  declared: Declared,
  since: number,
): Promise<UnusedStage | undefined> {
  const { app, stage } = declared;
  const resources = await account.taggedResources({ "sst:app": app, "sst:stage": stage });
  if (resources.length === 0) return undefined;
  const groups: LogGroup[] = [];
  for (const { name } of declared.logGroups) {
    if (name.startsWith("/aws/lambda/")) continue;
    groups.push(...(await account.logGroups(name)).filter((group) => group.name === name));
  }
  if (groups.length === 0) return { stage, resources: resources.length, why: "has resources, but no access log" };
  for (const { name, createdAt } of groups) {
    if (createdAt > since || (await account.hasLogEvents(name, since))) return undefined;
  }
  return { stage, resources: resources.length, why: `no request since ${isoInstant(since).slice(0, 10)}` };
}
