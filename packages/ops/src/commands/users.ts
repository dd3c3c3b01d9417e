import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import type { Environment } from "../environment";
import { runOps } from "../run";
import { type Paint, paintFor } from "../terminal";
import { safeJson } from "../text";
import type { Access } from "../users/access";
import { checkGroups, groupsIn, peopleIn } from "../users/groups";
import {
  addPerson,
  disablePerson,
  enablePerson,
  getPerson,
  joinGroups,
  leaveGroups,
  listPeople,
  type Person,
  resetPerson,
  stateOf,
} from "../users/people";
import { POOL_OPTIONS, type Pool, withPool } from "../users/pool";

const COMMAND = {
  name: "pnpm ops users",
  about: "Adds people to a stage, and says what each may do.",
  usage: [
    "add EMAIL --stage NAME [--group NAME]... [--tenant ID]...",
    "list --stage NAME [--group NAME | --tenant ID]",
    "show | disable | enable | reset EMAIL --stage NAME",
    "join | leave EMAIL --stage NAME [--group NAME]... [--tenant ID]...",
  ],
  details: `add      Cognito mails an invitation with a temporary password.
show     groups, tenants, and each permission with what is missing for it
disable  no new tokens and no refresh; an access token that exists stays valid until it expires
reset    Cognito mails a code to choose a new password with, or the invitation again
join     adds the person to groups and tenants; leave removes them
A change of groups counts from the person's next token on.`,
  arguments: {},
  options: {
    group: { type: "string", multiple: true, value: "NAME", about: "a group, such as operators; may be repeated" },
    tenant: { type: "string", multiple: true, value: "ID", about: "a tenant, such as acme; may be repeated" },
    ...POOL_OPTIONS,
  },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

/** Prints what an action has done: one line for a person, or JSON. */
interface Context {
  pool: Pool;
  groups: string[];
  email: string;
  print(text: string, json: object): void;
  paint: Paint;
}

const ACTIONS: Readonly<Record<string, (context: Context) => Promise<void>>> = {
  async add(context) {
    const { pool, email, groups } = context;
    await checkGroups(pool, groups);
    await addPerson(pool, email);
    try {
      await joinGroups(pool, email, groups);
    } catch (error) {
      throw new Error(`${email} was added, but not to all groups: repeat with users join`, { cause: error });
    }
    await show(
      context,
      pool.target.where === "offline" ? `Added. ${NO_MAIL}\n` : "Added. Cognito mails an invitation.\n",
    );
  },
  async list({ pool, groups, print }) {
    const [group] = groups;
    if (groups.length > 1) throw new UsageError("list: expected one --group or one --tenant");
    await checkGroups(pool, groups);
    const people = group === undefined ? await listPeople(pool) : await peopleIn(pool, group);
    const width = Math.max(...people.map(({ email }) => email.length));
    const lines = people.map((person) => `${person.email.padEnd(width)}  ${stateOf(person)}`);
    print(lines.map((line) => `${oneLine(line)}\n`).join("") || "Nobody.\n", people);
  },
  show: (context) => show(context),
  async disable({ pool, email, print }) {
    await disablePerson(pool, email);
    const text = `${email} is disabled and signed out. An access token that exists stays valid until it expires.\n`;
    print(text, { email, enabled: false });
  },
  async enable({ pool, email, print }) {
    await enablePerson(pool, email);
    print(`${email} is enabled.\n`, { email, enabled: true });
  },
  async reset({ pool, email, print }) {
    const mail = await resetPerson(pool, email);
    const sent = { invitation: "the invitation again", code: "a code to choose a new password with" }[mail];
    print(pool.target.where === "offline" ? `${NO_MAIL}\n` : `Cognito mails ${email} ${sent}.\n`, { email, mail });
  },
  async join(context) {
    await checkGroups(context.pool, required(context));
    await joinGroups(context.pool, context.email, context.groups);
    await show(context);
  },
  async leave(context) {
    await leaveGroups(context.pool, context.email, required(context));
    await show(context);
  },
};

const NO_MAIL = "Offline sends no mail: sign in by this address, without a password.";

export function users(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values, positionals) => run(values, positionals, environment));
}

async function run(values: Values, [name = "", ...emails]: string[], environment: Environment): Promise<number> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  const expected = Object.keys(ACTIONS).join(", ");
  if (action === undefined) throw new UsageError(`${name === "" ? "No action" : oneLine(name)}: expected ${expected}`);
  const email = emailIn(name, emails);
  const groups = groupsIn(values);
  const { stdout, env } = environment;
  const print = (text: string, json: object) => stdout.write(values.json ? `${safeJson(json, 2)}\n` : text);
  return await withPool(values, environment, async (pool) => {
    await action({ pool, email, groups, print, paint: paintFor(stdout, env) });
    return 0;
  });
}

function emailIn(action: string, [email, ...more]: string[]): string {
  if (action === "list" && email === undefined) return "";
  const isEmail = email !== undefined && /^[^@\s]+@[^@\s]+$/.test(email);
  if (action === "list" || !isEmail || more.length > 0)
    throw new UsageError(`${action}: expected ${action === "list" ? "no address" : "one email address"}`);
  return email;
}

function required({ groups }: Context): string[] {
  if (groups.length === 0) throw new UsageError("expected --group NAME or --tenant ID");
  return groups;
}

async function show({ pool, email, print, paint }: Context, before = ""): Promise<void> {
  const person = await getPerson(pool, email);
  print(`${before}${describePerson(person, paint)}`, person);
}

function describePerson(person: Person & Access, paint: Paint): string {
  const { email, id, groups, tenants, may, mayNot } = person;
  const width = Math.max(...[...may, ...mayNot].map(({ permission }) => permission.length));
  const row = ({ permission, description }: Access["may"][number]) => `  ${permission.padEnd(width)}  ${description}`;
  return [
    paint.bold(oneLine(email)),
    `  state    ${stateOf(person)}`,
    `  id       ${oneLine(id)}`,
    `  groups   ${groups.map(oneLine).join(", ") || "none"}`,
    `  tenants  ${tenants.join(", ") || "none"}`,
    paint.bold("May"),
    ...(may.length === 0 ? ["  nothing"] : may.map(row)),
    ...(mayNot.length === 0 ? [] : [paint.bold("May not")]),
    ...mayNot.map((permission) => `${row(permission)} ${paint.dim(`(needs ${permission.needs})`)}`),
    "",
  ].join("\n");
}
