import { PERMISSIONS } from "@backend/core/permissions";
import { isoInstant } from "@backend/platform/epoch";
import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { runOps } from "../run";
import { describe, targetOf } from "../target";
import { safeJson } from "../text";
import { checkTenant } from "../users/groups";
import {
  addSecret,
  deleteSecret,
  findMachineClient,
  listSecrets,
  type MachineClient,
  machineClients,
  readSecret,
  type Secret,
} from "../users/machine-clients";
import { POOL_OPTIONS, type Pool, withPool } from "../users/pool";

const COMMAND = {
  name: "pnpm ops clients",
  about: "Looks after the machine clients of a stage and their secrets.",
  usage: [
    "list --stage NAME",
    "secret NAME --stage NAME",
    "rotate NAME --stage NAME [--finish]",
    "new NAME --stage NAME --tenant ID --scope NAME...",
  ],
  details: `secret   prints the secret on standard output, and nowhere else
rotate   makes a second secret and prints it once; both work until rotate --finish deletes the older one
new      prints what to add to infra/stage.ts; the next deployment makes the client`,
  arguments: {},
  options: {
    finish: { type: "boolean", default: false, about: "delete the older of the two secrets" },
    tenant: { type: "string", value: "ID", about: "the only tenant whose data the new client writes and reads" },
    scope: { type: "string", multiple: true, value: "NAME", about: "a scope of the new client; may be repeated" },
    ...POOL_OPTIONS,
  },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;
type Print = (text: string, json: object) => void;

export function clients(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values, positionals) => run(values, positionals, environment));
}

async function run(values: Values, positionals: string[], environment: Environment): Promise<number> {
  const [action = "", name, ...more] = positionals;
  if (!["list", "secret", "rotate", "new"].includes(action))
    throw new UsageError(`${action === "" ? "No action" : oneLine(action)}: expected list, secret, rotate, new`);
  if ((action === "list") !== (name === undefined) || more.length > 0)
    throw new UsageError(`${action}: expected ${action === "list" ? "no name" : "the name of one client"}`);
  const { stdout, stderr } = environment;
  const print: Print = (text, json) => stdout.write(values.json ? `${safeJson(json, 2)}\n` : text);
  if (name !== undefined && action === "new") return declare(name, values, environment, print);
  return await withPool(values, environment, async (pool) => {
    if (name === undefined) await list(pool, print);
    else {
      const client = await findMachineClient(pool, name);
      const tell = (text: string) => stderr.write(`${oneLine(text)}\n`);
      if (action === "secret") await showSecret(pool, client, { print, tell });
      else if (values.finish) await finishRotation(pool, client, print);
      else await rotate(pool, client, { print, tell });
    }
    return 0;
  });
}

interface Say {
  print: Print;
  /** On standard error: standard output may be piped into a secret store. */
  tell(text: string): void;
}

async function list(pool: Pool, print: Print): Promise<void> {
  const { target } = pool;
  const declared = declaredBy(target.project, target.stage).clients;
  const rows: (MachineClient & { secrets: Secret[]; isDeclared: boolean })[] = [];
  for (const client of await machineClients(pool))
    rows.push({ ...client, secrets: await listSecrets(pool, client), isDeclared: declared.includes(client.name) });
  const text = rows.map(({ name, id, tenant = "none", scopes, secrets, isDeclared }) =>
    [
      `${oneLine(name)}${isDeclared ? "" : " (not in the deployment graph)"}`,
      `  id       ${id}`,
      `  tenant   ${tenant}`,
      `  scopes   ${scopes.map(oneLine).join(", ") || "none"}`,
      `  secrets  ${secrets.map(({ createdAt }) => `made ${timeOf(createdAt)}`).join(", ")}`,
      "",
    ].join("\n"),
  );
  print(text.join("") || "None.\n", rows);
}

async function showSecret(pool: Pool, client: MachineClient, { print, tell }: Say): Promise<void> {
  const secret = await readSecret(pool, client);
  const again = `pnpm ops clients rotate ${client.name}`;
  if (secret === undefined) throw new Error(`Cognito shows this secret no more: make a new one with ${again}`);
  const two =
    (await listSecrets(pool, client)).length > 1 ? " The client has two secrets; Cognito shows this one." : "";
  tell(
    `The secret of ${client.name} is on standard output and nowhere else: store it where the program reads it.${two}`,
  );
  print(`${secret}\n`, { name: client.name, id: client.id, secret });
}

async function rotate(pool: Pool, client: MachineClient, { print, tell }: Say): Promise<void> {
  const { name, id } = client;
  const [, newer] = await listSecrets(pool, client);
  if (newer !== undefined) {
    const since = `since ${timeOf(newer.createdAt)}`;
    throw new Error(`${name} has two secrets ${since}: end that rotation first with --finish`);
  }
  const secret = await addSecret(pool, client);
  tell(`The new secret of ${name} is on standard output and never shown again. The old one works as well.`);
  tell(`Give the program the new one, then run pnpm ops clients rotate ${name} --finish to delete the old one.`);
  print(`${secret}\n`, { name, id, secret });
}

async function finishRotation(pool: Pool, client: MachineClient, print: Print): Promise<void> {
  const [older, newer] = await listSecrets(pool, client);
  if (older === undefined || newer === undefined)
    throw new Error(`${client.name} has one secret: --finish needs a rotation that was started without it`);
  await deleteSecret(pool, client, older);
  const text = `Deleted the secret of ${timeOf(older.createdAt)}. A token that exists stays valid until it expires.\n`;
  print(text, { name: client.name, deleted: older.id, remaining: newer.id });
}

/** Prints the lines for a new client. Asks AWS nothing. */
function declare(name: string, { tenant, scope = [], ...values }: Values, { cwd, stderr }: Environment, print: Print) {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(name))
    throw new UsageError(`${oneLine(name)}: expected a name such as Billing, of letters and digits`);
  if (tenant === undefined) throw new UsageError("expected --tenant ID: the only tenant that the client acts for");
  checkTenant(tenant, "--tenant ");
  const known = Object.keys(PERMISSIONS);
  const unknown = scope.find((each) => !known.includes(each));
  if (scope.length === 0 || unknown !== undefined)
    throw new UsageError(`--scope ${oneLine(unknown ?? "NAME")}: expected at least one of ${known.join(", ")}`);
  const target = targetOf(values, cwd);
  stderr.write(`${describe(target)}\n`);
  if (declaredBy(target.project, target.stage).clients.includes(name))
    throw new Error(`stage ${target.stage} has a client ${name} already`);
  const scopes = scope.map((each) => `"${each}"`).join(", ");
  const line = `${name}: { tenant: "${tenant}", scopes: [${scopes}] },`;
  const text = `Add this line to "machines" in the stage's row of infra/stage.ts:

    ${line}

Then write the deployment graph with pnpm synth, commit, and deploy. After that:

    pnpm ops clients secret ${name} --stage ${target.stage}
`;
  print(text, { file: "infra/stage.ts", key: "machines", line });
  return 0;
}

/** To the second. */
function timeOf(date: Date): string {
  return isoInstant(date.getTime()).replace(/\.\d+/, "");
}
