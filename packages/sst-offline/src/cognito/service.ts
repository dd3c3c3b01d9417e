import type { IncomingMessage, ServerResponse } from "node:http";

import { issuerOf, poolFolder } from "./places";
import { originsOf, type UserPool } from "./pool";

/** The user pools of a deployment. Each is an OIDC issuer at `/<pool id>`. */
export interface UserPools {
  /** Origins of the pages that use the sign-in, and may request tokens. */
  origins: string[];
  serves(pathname: string): boolean;
  /** Handles a request to a path for which `serves` is true. The first request loads the issuer. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

type Issuer = ReturnType<typeof import("./issuer").createIssuer>;

/**
 * @param folder folder of the stage: `.offline/<stage>`
 * @param endpointUrl URL of the AWS endpoint, such as `http://127.0.0.1:3002`
 * @param now returns epoch milliseconds
 */
export function openUserPools(
  declared: UserPool[],
  folder: string,
  endpointUrl: string,
  now: () => number = Date.now,
): UserPools {
  const pools = new Map(declared.map((pool) => [pool.id, pool]));
  const issuers = new Map<string, Promise<Issuer>>();

  return {
    origins: [...new Set([...pools.values()].flatMap(originsOf))],
    serves: (pathname) => pools.has(split(pathname).poolId),
    async handle(request, response) {
      const [pathname = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
      const { poolId, path } = split(pathname);
      const pool = pools.get(poolId);
      if (pool === undefined) throw new Error(`${pathname}: expected the path of a user pool`);
      const handleRequest = await issuerFor(pool);
      await handleRequest(request, response, path, new URLSearchParams(query));
    },
  };

  /** Loads an issuer once. After a failure, the next request tries again. */
  function issuerFor(pool: UserPool): Promise<Issuer> {
    const loading = issuers.get(pool.id);
    if (loading !== undefined) return loading;
    const issuer = load(pool).catch((error) => {
      issuers.delete(pool.id);
      throw error;
    });
    issuers.set(pool.id, issuer);
    return issuer;
  }

  async function load(pool: UserPool): Promise<Issuer> {
    const { createIssuer } = await import("./issuer");
    return createIssuer({ pool, issuer: issuerOf(endpointUrl, pool.id), folder: poolFolder(folder, pool.id), now });
  }
}

function split(pathname: string): { poolId: string; path: string } {
  const [, poolId = "", path = ""] = /^\/([^/]+)(.*)$/.exec(pathname) ?? [];
  return { poolId, path };
}
