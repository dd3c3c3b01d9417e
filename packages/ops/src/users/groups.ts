import { paginateListGroups, paginateListUsersInGroup } from "@aws-sdk/client-cognito-identity-provider";
import { UsageError } from "@backend/sst-graph/command-line";

import { tenantGroup, tenantOf } from "./access";
import { type Person, personFrom } from "./people";
import type { Pool } from "./pool";

/** Reads `--group` and `--tenant`. Throws a UsageError for what is not the name of one. */
export function groupsIn({ group = [], tenant = [] }: { group?: string[] | undefined; tenant?: string[] | undefined }) {
  const confused = group.find((name) => name.startsWith("tenant:"));
  if (confused !== undefined) throw new UsageError(`--group ${confused}: expected --tenant ${confused.slice(7)}`);
  for (const id of tenant) checkTenant(id, "--tenant ");
  return [...new Set([...group, ...tenant.map(tenantGroup)])];
}

/** Throws a UsageError for an id that no tenant can have. */
export function checkTenant(id: string, option = ""): void {
  if (tenantOf(tenantGroup(id)) === undefined)
    throw new UsageError(`${option}${id}: expected 1 to 40 lower-case letters, digits and hyphens`);
}

export async function groupNames({ client, id, options }: Pool): Promise<string[]> {
  const names: string[] = [];
  for await (const { Groups = [] } of paginateListGroups({ client }, { UserPoolId: id }, options))
    names.push(...Groups.map(({ GroupName = "" }) => GroupName));
  return names.sort();
}

/** Throws an Error for a group that the pool does not have. */
export async function checkGroups(pool: Pool, wanted: string[]): Promise<void> {
  if (wanted.length === 0) return;
  const existing = await groupNames(pool);
  const missing = wanted.find((name) => !existing.includes(name));
  if (missing === undefined) return;
  const tenant = tenantOf(missing);
  if (tenant !== undefined)
    throw new Error(`there is no tenant ${tenant}: add it first with pnpm ops tenants add ${tenant}`);
  const groups = existing.filter((name) => tenantOf(name) === undefined);
  throw new Error(`there is no group ${missing}: expected ${groups.join(", ") || "none, the stage has no groups"}`);
}

export async function peopleIn({ client, id, options }: Pool, group: string): Promise<Person[]> {
  const people: Person[] = [];
  const input = { UserPoolId: id, GroupName: group };
  for await (const { Users = [] } of paginateListUsersInGroup({ client }, input, options))
    people.push(...Users.map(personFrom));
  return people;
}
