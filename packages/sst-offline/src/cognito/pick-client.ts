import { UsageError } from "@backend/sst-graph/usage-error";

import type { AppClient, UserPool } from "./pool";

interface Picked {
  pool: UserPool;
  client: AppClient;
}

/**
 * Finds a client by id, by logical name with or without `Client` at the end, or by a word of that
 * name, such as `machine` of `OrdersMachine`. Without a name, finds the only client with the flow.
 *
 * @throws UsageError that lists the clients
 */
export function pickClient(pools: UserPool[], flow: "client_credentials" | "code", wanted?: string): Picked {
  const all = pools.flatMap((pool) => pool.clients.map((client) => ({ pool, client })));
  if (all.length === 0) throw new UsageError("the stage has no user pool with a client, so there is no token");
  const found =
    wanted === undefined ? all.filter(({ client }) => client.flows.includes(flow)) : findByName(all, wanted);
  const [first, ...more] = found;
  if (first === undefined || more.length > 0) {
    const which =
      wanted === undefined ? `--client: the stage has ${more.length > 0 ? "several" : "no"} clients for this` : "";
    const problem =
      which || `--client ${wanted}: ${more.length > 0 ? "several clients have" : "no client has"} this name`;
    throw new UsageError(`${problem}; expected one of ${all.map(describeClient).join(", ")}`);
  }
  if (first.client.flows.includes(flow)) return first;
  throw new UsageError(
    flow === "code"
      ? `--client ${wanted}: nobody signs in with ${describeClient(first)}; leave --user out, or name another client`
      : `--client ${wanted}: ${describeClient(first)} is not a machine client: name a person with --user NAME, ` +
          `or another client`,
  );
}

function findByName(all: Picked[], wanted: string): Picked[] {
  const sought = wanted.toLowerCase();
  const exact = all.filter(({ client: { id, name } }) =>
    [id, name, plain(name)].some((is) => is.toLowerCase() === sought),
  );
  return exact.length > 0 ? exact : all.filter(({ client }) => wordsOf(client.name).includes(sought));
}

function plain(name: string): string {
  return name.replace(/Client$/, "");
}

function wordsOf(name: string): string[] {
  return (name.match(/[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])/g) ?? []).map((word) => word.toLowerCase());
}

function describeClient({ client: { name, flows } }: Picked): string {
  return `${name} (${flows.join(" ") || "no flow"})`;
}
