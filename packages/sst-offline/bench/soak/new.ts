// Runs `pnpm new` in a clone, with a noun of each variant. The clone must pass all checks, and
// callers of each kind must get the expected status. Prints the machine time of each step.
import { cloneRepository } from "./clone";
import { holds, stop } from "./server";

const { pnpm, serve, token } = cloneRepository();

/** A noun to create: its key, an example body, and whether its items belong to tenants. */
interface Noun {
  name: string;
  args: string[];
  body: Record<string, unknown>;
  key: string;
  perTenant: boolean;
}

const NOUNS: Noun[] = [
  {
    ...{ name: "orders", key: "id", perTenant: true, body: { customer: "Ada", total: 12.5 } },
    args: ["--fields", "customer:string,total:number"],
  },
  {
    ...{ name: "products", key: "sku", perTenant: true, body: { sku: "A-1", price: 9.5, onSale: true } },
    args: ["--key", "sku", "--fields", "sku:string,price:number,onSale:boolean,soldOutAt:timestamp?"],
  },
  { ...{ name: "purchase-orders", key: "id", perTenant: false, body: { name: "Paper" } }, args: ["--no-tenant"] },
  {
    ...{ name: "categories", key: "code", perTenant: false, body: { code: "C1", rank: 1 } },
    args: ["--no-tenant", "--key", "code", "--fields", "code:string,rank:integer,note:string?"],
  },
];

for (const { name, args } of NOUNS.slice(1)) pnpm("new", name, ...args, "--no-synth");
pnpm("new", "orders", ...(NOUNS[0]?.args ?? []));
pnpm("check");
pnpm("policy", "--stage", "prod");

const server = await serve();
try {
  for (const noun of NOUNS) await checkRequests(noun);
} finally {
  await stop(server);
}

pnpm("test");

/** Sends requests of callers of each kind, and checks the status. */
async function checkRequests({ name, body, key, perTenant }: Noun): Promise<void> {
  const send = async (method: string, bearer: string | undefined, id = "", sent?: unknown) => {
    const response = await fetch(`${server.url}/${name}${id}`, {
      method,
      headers: { "content-type": "application/json", ...(bearer && { authorization: `Bearer ${bearer}` }) },
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const tenant = (id: string) => (perTenant ? ["--group", `tenant:${id}`] : []);
  const member = token("--user", "ada", "--group", name, ...tenant("acme"));
  const reader = token("--user", "bob", ...tenant("acme"));
  const other = token("--user", "eve", "--group", name, ...tenant("globex"));
  const machine = token("--client", "machine");

  const { [key]: _key, ...fields } = body;
  const created = await send("POST", member, "", body);
  const id = `/${created.body[key]}`;
  const second = key === "id" ? body : { ...body, [key]: "machine-1" };
  const statuses: [who: string, expected: number, found: number][] = [
    ["POST without a token", 401, (await send("POST", undefined, "", body)).status],
    ["POST by a person without the group", 403, (await send("POST", reader, "", body)).status],
    ["POST by a person of the group", 201, created.status],
    ["POST by a machine client", 201, (await send("POST", machine, "", second)).status],
    ["POST with an unknown property", 400, (await send("POST", member, "", { ...body, unknown: 1 })).status],
    ["GET by a person without the group", 200, (await send("GET", reader, id)).status],
    ["GET of the list", 200, (await send("GET", machine)).status],
    ["GET by another tenant", perTenant ? 404 : 200, (await send("GET", other, id)).status],
    ["PUT by another tenant", perTenant ? 404 : 200, (await send("PUT", other, id, fields)).status],
    ["PUT by a person without the group", 403, (await send("PUT", reader, id, fields)).status],
    ["PUT by a person of the group", 200, (await send("PUT", member, id, fields)).status],
    ["DELETE by a person without the group", 403, (await send("DELETE", reader, id)).status],
    ["DELETE by another tenant", perTenant ? 404 : 200, (await send("DELETE", other, id)).status],
    ["DELETE by a machine client", perTenant ? 200 : 404, (await send("DELETE", machine, id)).status],
  ];
  for (const [who, expected, found] of statuses) holds(`${name}: ${who} gets ${found}`, found === expected);
}
