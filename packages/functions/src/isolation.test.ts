import { OPERATIONS } from "@backend/core/operations";
import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import type { DocumentedOperation, OperationExample } from "@backend/platform/api/document";
import { CREDENTIALS } from "@backend/testing/aws-services";
import { lambdaContext } from "@backend/testing/event";
import { type RouteRequest, routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { handlerOf, importHandlers } from "../test/declared";
import { declaredTables } from "../test/declared-tables";

const [ACME, GLOBEX, INITECH] = ["isolated-acme", "isolated-globex", "isolated-initech"];
const BOTH_WAYS: [mine: string, other: string][] = [
  [ACME, GLOBEX],
  [GLOBEX, ACME],
];

const tables = await declaredTables();
const HANDLERS = await importHandlers({ ...CREDENTIALS, AWS_ENDPOINT_URL: tables.endpoint });
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.resetModules();
  await tables.close();
});
beforeEach(() => {
  for (const level of ["info", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

const permissions: [name: string, permission: Permission][] = Object.entries(PERMISSIONS);
const scope = permissions.map(([name]) => name).join(" ");
const groups = permissions.flatMap(([, { group }]) => group ?? []);

/** A person with all permissions in two tenants. */
const PERSON = {
  ...{ token_use: "access", sub: "ada", username: "ada", client_id: "web", scope },
  "cognito:groups": `[${[...groups, `tenant:${ACME}`, `tenant:${GLOBEX}`].join(" ")}]`,
};

/** A caller and the tenant that it acts for. */
type Caller = Pick<RouteRequest, "as" | "headers">;
const personIn = (tenant: string): Caller => ({ as: PERSON, headers: { "x-tenant": tenant } });
const machineIn = (tenant: string): Caller => ({
  as: { token_use: "access", sub: tenant, client_id: tenant, scope: `${scope} tenant/${tenant}` },
});
const CALLERS = { "a person": personIn, "a machine client": machineIn };

const perTenant = Object.values(OPERATIONS).filter((operation) => {
  const [, permission] = permissions.find(([name]) => name === operation.scope) ?? [];
  return permission?.perTenant === true;
});

describe.each(perTenant)("$key of a person in two tenants", (operation) => {
  it("returns 400 without the tenant header", async () => {
    expect(await refusal(operation, { as: PERSON })).toEqual([400, "urn:problem-type:access.tenant"]);
  });

  it("returns 403 with a third tenant in the header", async () => {
    const third = { as: PERSON, headers: { "x-tenant": INITECH } };
    expect(await refusal(operation, third)).toEqual([403, "urn:problem-type:access.tenant"]);
  });

  it.each(BOTH_WAYS)("as %s, stores nothing that names %s", async (mine, other) => {
    const before = await storedItems();
    const answer = await send(operation, personIn(mine), withNewKey(operation, exampleOf(operation)));
    expect(answer.status).toBe(exampleOf(operation).status);
    const written = (await storedItems()).filter((item) => !before.includes(item));
    if (isWrite(operation) && answer.status < 300) expect(written).not.toEqual([]);
    for (const item of written) {
      expect(JSON.parse(item).partitionKey).toContain(mine); // docs/security.md: in every partition key
      expect(item).not.toContain(other);
    }
  });

  it.each(BOTH_WAYS)("as %s, reads nothing of %s", async (mine, other) => {
    const creator = creatorOf(operation);
    const idOf = (tenant: string) => creator && create(creator, tenant);
    const ids = { mine: await idOf(mine), other: await idOf(other) };
    const examples = Object.values(operation.examples).map((example) => withNewKey(operation, example));
    const answers = await Promise.all(examples.map((example) => send(operation, personIn(mine), example)));
    expect(answers.map(({ status }) => status)).toEqual(examples.map(({ status }) => status));
    const text = answers.map((answer) => answer.text).join();
    expect(text).not.toContain(other);
    if (ids.other !== undefined) expect(text).not.toContain(ids.other);
    const isList = operation.query !== undefined && ids.mine !== undefined;
    if (isList) expect(text).toContain(ids.mine); // which shows that the other's would have been found
  });
});

describe.each(perTenant.filter(({ key }) => key.includes("{")))("$key", (operation) => {
  it.each(BOTH_WAYS.flatMap(([mine, other]) => Object.entries(CALLERS).map(([who, of]) => ({ mine, other, who, of }))))(
    "returns 404 to $who of $other for an id of $mine, and changes nothing",
    async ({ mine, other, of }) => {
      const request = { ...exampleOf(operation), path: await pathOf(operation, mine) };
      const before = await storedItems();
      expect((await send(operation, of(other), request)).status).toBe(404);
      expect(await storedItems()).toEqual(before);
      const own = await send(operation, of(mine), request);
      expect([403, 404]).not.toContain(own.status); // the id exists
    },
  );
});

describe.each(perTenant.filter(({ query }) => query !== undefined && "cursor" in query.shape))("$key", (operation) => {
  const callers = Object.entries(CALLERS);
  const cases = BOTH_WAYS.flatMap(([mine, other]) =>
    callers.flatMap(([from, of]) => callers.map(([to, by]) => ({ mine, other, from, of, to, by }))),
  );
  const limit: Record<string, string> = "limit" in (operation.query?.shape ?? {}) ? { limit: "1" } : {};

  it.each(cases)("shows $to of $other nothing of $mine with a cursor of $from", async (one) => {
    const creator = creatorOf(operation);
    if (creator === undefined) throw new Error(`${operation.key}: expected an operation that creates its items`);
    const [mine, theirs]: [string[], string[]] = [[], []];
    for (let n = 0; n < 3; n++) {
      mine.push(await create(creator, one.mine));
      theirs.push(await create(creator, one.other));
    }
    const { body } = await send(operation, one.of(one.mine), { query: limit });
    expect(body.cursor).toEqual(expect.any(String));

    const rest = await pagesFrom(body.cursor, one.by(one.mine));
    expect(mine.some((id) => rest.includes(id))).toBe(true); // the cursor is valid, also for another caller
    const others = await pagesFrom(body.cursor, one.by(one.other));
    expect(mine.filter((id) => others.includes(id))).toEqual([]);
    expect(others).not.toContain(one.mine);
  });

  /** Returns the text of the pages after a cursor; empty if the cursor is rejected. */
  async function pagesFrom(cursor: string, caller: Caller): Promise<string> {
    const texts: string[] = [];
    for (let next: string | undefined = cursor; next !== undefined && texts.length < 6; ) {
      const { status, text, body } = await send(operation, caller, { query: { ...limit, cursor: next } });
      expect([200, 400, 404]).toContain(status);
      texts.push(text);
      next = status === 200 ? body.cursor : undefined;
    }
    return texts.join();
  }
});

describe.each(perTenant.filter(({ headers }) => "idempotency-key" in headers))("$key", (operation) => {
  let keys = 0;
  const example = exampleOf(operation);
  const keyed = (caller: Caller, key: string, body = example.body) =>
    send(operation, caller, { ...example, body, headers: { "idempotency-key": key } });

  it.each(BOTH_WAYS)("treats the key that a person used for %s as a new one for %s", async (mine, other) => {
    const key = `same-${keys++}`;
    const first = await keyed(personIn(mine), key);
    const second = await keyed(personIn(other), key);
    expect([first.status, second.status]).toEqual([example.status, example.status]);
    expect(second.body.id).not.toBe(first.body.id);
    expect(second.text).not.toContain(mine);
    expect((await keyed(personIn(mine), key)).body).toEqual(first.body);
    expect((await keyed(personIn(other), key)).body).toEqual(second.body);
  });

  it("does not reveal that another tenant used a key with a different body", async () => {
    const bodies = Object.values(operation.examples).filter(({ status }) => status < 300);
    const key = `body-${keys++}`;
    const tenants = [ACME, GLOBEX];
    const sent = bodies.slice(0, 2).map(({ body }, index) => keyed(personIn(tenants[index] ?? ""), key, body));
    for (const { status } of await Promise.all(sent)) expect(status).toBeLessThan(300);
  });

  it("separates the keys of a person and a machine client", async () => {
    const key = `caller-${keys++}`;
    const [person, machine] = [await keyed(personIn(ACME), key), await keyed(machineIn(ACME), key)];
    expect(machine.body.id).not.toBe(person.body.id);
  });
});

it("stores no item that names both tenants", async () => {
  const mixed = (await storedItems()).filter((item) => item.includes(ACME) && item.includes(GLOBEX));
  expect(mixed).toEqual([]);
});

/** Sends a request as a caller, with the headers of both. */
async function send({ key }: DocumentedOperation, caller: Caller, { path, query, headers, body }: RouteRequest) {
  const [, handler] = handlerOf(HANDLERS, key);
  const request: RouteRequest = { ...caller, headers: { ...headers, ...caller.headers } };
  if (path !== undefined) request.path = path;
  if (query !== undefined) request.query = query;
  if (body !== undefined) request.body = body;
  const { statusCode: status = 500, body: text = "null" } = await handler(routeEvent(key, request), lambdaContext);
  return { status, text, body: JSON.parse(text) };
}

async function refusal(operation: DocumentedOperation, caller: Caller): Promise<[number, string]> {
  const { status, body } = await send(operation, caller, exampleOf(operation));
  return [status, body.type];
}

/** Returns the first example that succeeds, otherwise the first one for an unknown id. */
function exampleOf({ key, examples }: DocumentedOperation): OperationExample {
  const all = Object.values(examples);
  const found = all.find(({ status }) => status < 300) ?? all.find(({ status }) => status === 404);
  if (found === undefined) throw new Error(`${key}: expected an example with a status of 2xx or 404`);
  return found;
}

function isWrite({ key }: DocumentedOperation): boolean {
  return !key.startsWith("GET ");
}

/** Returns the operation that creates an operation's items: `POST` on the same collection. */
function creatorOf({ key }: DocumentedOperation): DocumentedOperation | undefined {
  const [, template = ""] = key.split(" ");
  return OPERATIONS[`POST ${template.replace(/\/\{[^/]*$/, "")}`];
}

/** Creates an item of a tenant, and returns its id. */
async function create(creator: DocumentedOperation, tenant: string): Promise<string> {
  const { status, text, body } = await send(creator, personIn(tenant), {
    ...withNewKey(creator, exampleOf(creator)),
    path: await pathOf(creator, tenant),
  });
  const name = keyNameOf(creator);
  if (status >= 300 || typeof body[name] !== "string")
    throw new Error(`${creator.key}: expected an example that is answered 2xx with "${name}", got ${status}: ${text}`);
  return body[name];
}

/** Descending, so that the newest item is on the first page of a list. */
let lastKey = 1_000_000;

/** Returns the example, with an unused key if callers choose the keys. */
function withNewKey(operation: DocumentedOperation, example: OperationExample): OperationExample {
  const name = keyNameOf(operation);
  const body = Object(example.body) as Record<string, unknown>;
  return typeof body[name] === "string" ? { ...example, body: { ...body, [name]: `key-${--lastKey}` } } : example;
}

/** Returns the name of an item's key: `sku` if there is `GET <path>/{sku}`, otherwise `id`. */
function keyNameOf({ key }: DocumentedOperation): string {
  const prefix = `GET ${key.split(" ")[1]}/{`;
  const names = Object.keys(OPERATIONS).flatMap((one) => (one.startsWith(prefix) ? one.slice(prefix.length, -1) : []));
  return names.find((name) => /^\w+$/.test(name)) ?? "id";
}

/** Returns an operation's path parameters, with the ids of new items of a tenant. */
async function pathOf({ key }: DocumentedOperation, tenant: string): Promise<Record<string, string>> {
  const path: Record<string, string> = {};
  for (const { 1: name = "", index } of key.matchAll(/\/\{(\w+)\}/g)) {
    const creatorKey = key.slice(0, index).replace(/^\w+/, "POST");
    const creator = OPERATIONS[creatorKey];
    if (creator === undefined) throw new Error(`${key}: expected an operation ${creatorKey} that makes its {${name}}`);
    path[name] = await create(creator, tenant);
  }
  return path;
}

/** Returns all stored items as JSON, in a fixed order. */
async function storedItems(): Promise<string[]> {
  return (await tables.items()).map((item) => JSON.stringify(item)).sort();
}
