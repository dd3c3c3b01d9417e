import { CreateGroupCommand, DeleteGroupCommand } from "@aws-sdk/client-cognito-identity-provider";
import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { runOps } from "../run";
import { safeJson } from "../text";
import { tenantGroup, tenantOf } from "../users/access";
import { checkGroups, checkTenant, groupNames, peopleIn } from "../users/groups";
import { machineClients } from "../users/machine-clients";
import { POOL_OPTIONS, type Pool, withPool } from "../users/pool";

const COMMAND = {
  name: "pnpm ops tenants",
  about: "Adds, lists and removes the tenants of a stage.",
  usage: ["add ID --stage NAME", "list --stage NAME", "remove ID --stage NAME [--force]"],
  details: `A tenant is the group tenant:<ID> of people, and the scope tenant/<ID> of machine clients.
remove is refused while people or machine clients belong to the tenant. It deletes no data.`,
  arguments: {},
  options: {
    force: { type: "boolean", default: false, about: "remove a tenant that people or machine clients belong to" },
    ...POOL_OPTIONS,
  },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

interface Tenant {
  id: string;
  people: number;
  /** Names of machine clients. */
  clients: string[];
}

export function tenants(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values, positionals) => run(values, positionals, environment));
}

async function run(values: Values, positionals: string[], environment: Environment): Promise<number> {
  const [action = "", id, ...more] = positionals;
  if (!["add", "list", "remove"].includes(action))
    throw new UsageError(`${action === "" ? "No action" : oneLine(action)}: expected add, list, remove`);
  if ((action === "list") !== (id === undefined) || more.length > 0)
    throw new UsageError(`${action}: expected ${action === "list" ? "no id" : "one tenant id"}`);
  if (id !== undefined) checkTenant(id);
  const { stdout } = environment;
  const print = (text: string, json: object) => stdout.write(values.json ? `${safeJson(json, 2)}\n` : text);
  return await withPool(values, environment, async (pool) => {
    if (id === undefined) await list(pool, print);
    else if (action === "add") await add(pool, id, print);
    else await remove(pool, { id, isForced: values.force }, print);
    return 0;
  });
}

type Print = (text: string, json: object) => void;

async function add({ client, id: UserPoolId, options }: Pool, id: string, print: Print): Promise<void> {
  const input = { UserPoolId, GroupName: tenantGroup(id), Description: `Belong to the tenant ${id}` };
  await client.send(new CreateGroupCommand(input), options);
  print(`Added the tenant ${id}. Add people with pnpm ops users join EMAIL --tenant ${id}\n`, { id });
}

async function list(pool: Pool, print: Print): Promise<void> {
  const clients = await machineClients(pool);
  const ids = new Set([...(await groupNames(pool)).flatMap((name) => tenantOf(name) ?? [])]);
  const onlyClients = clients.flatMap(({ tenant }) => (tenant === undefined || ids.has(tenant) ? [] : [tenant]));
  const found: Tenant[] = [];
  for (const id of ids) found.push(await tenantIn(pool, id, clients));
  for (const id of new Set(onlyClients)) found.push({ id, people: 0, clients: namesOf(clients, id) });
  const width = Math.max(...found.map(({ id }) => id.length));
  print(found.map((tenant) => `${tenant.id.padEnd(width)}  ${membersOf(tenant)}\n`).join("") || "None.\n", found);
}

async function remove(pool: Pool, { id, isForced }: { id: string; isForced: boolean }, print: Print): Promise<void> {
  const group = tenantGroup(id);
  await checkGroups(pool, [group]);
  const { target, client, options } = pool;
  if (declaredBy(target.project, target.stage).groups.includes(group))
    throw new Error(`the tenant ${id} comes with the stage: take it out of infra/stage.ts and deploy`);
  const tenant = await tenantIn(pool, id, await machineClients(pool));
  if (!isForced && tenant.people + tenant.clients.length > 0)
    throw new Error(`the tenant ${id} has ${membersOf(tenant)}: remove them first, or give --force`);
  await client.send(new DeleteGroupCommand({ UserPoolId: pool.id, GroupName: group }), options);
  const [one] = tenant.clients;
  const left = one === undefined ? "" : ` ${tenant.clients.join(", ")} may still act for it: see infra/stage.ts.`;
  print(`Removed the tenant ${id}. Its data stays.${left}\n`, tenant);
}

async function tenantIn(pool: Pool, id: string, clients: Clients): Promise<Tenant> {
  return { id, people: (await peopleIn(pool, tenantGroup(id))).length, clients: namesOf(clients, id) };
}

type Clients = Awaited<ReturnType<typeof machineClients>>;

function namesOf(clients: Clients, id: string): string[] {
  return clients.filter(({ tenant }) => tenant === id).map(({ name }) => name);
}

/** `2 people and 1 machine client (Billing)` */
function membersOf({ people, clients }: Tenant): string {
  const names = clients.length === 0 ? "" : ` (${clients.join(", ")})`;
  return `${count(people, "person", "people")} and ${count(clients.length, "machine client")}${oneLine(names)}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
