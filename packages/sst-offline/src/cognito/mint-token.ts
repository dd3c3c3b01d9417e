import { UsageError } from "@backend/sst-graph/usage-error";

import { grantedScopes, OAuthError } from "./http";
import { findPerson, PersonError } from "./person";
import { pickClient } from "./pick-client";
import { issuerOf, poolFolder } from "./places";
import type { UserPool } from "./pool";
import { createTokens, newSignIn } from "./tokens";
import { createUserStore } from "./user-store";

/** The body of a site's request for a token. */
interface TokenRequest {
  client: string;
  /** Name of a user. Without it, the token is for a machine client. */
  user?: string;
  groups?: string[];
  /** Default: all scopes of the client. https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
  scopes?: string[];
}

/**
 * Signs a token for a site's developer tools with the pool's key, as `pnpm offline token` does.
 *
 * @param folder folder of the stage: `.offline/<stage>`
 * @returns status and body of the response
 */
export async function mintToken(pools: UserPool[], folder: string, endpointUrl: string, body: unknown) {
  try {
    const { client: name, user, groups = [], scopes } = parseBody(body);
    const flow = user === undefined ? "client_credentials" : "code";
    const { client, pool } = pickClient(pools, flow, name);
    const granted = grantedScopes(scopes?.join(" "), client.scopes);
    const tokens = createTokens(issuerOf(endpointUrl, pool.id), poolFolder(folder, pool.id), Date.now);
    const expiresIn = client.lifetimes.accessToken;
    if (user === undefined)
      return { status: 200, body: { accessToken: await tokens.machineToken(client, granted), expiresIn } };
    const users = createUserStore(pool, poolFolder(folder, pool.id), Date.now);
    const person = findPerson(pool, users, user, groups);
    const accessToken = await tokens.accessToken(client, newSignIn(person, granted, Date.now()));
    return { status: 200, body: { accessToken, expiresIn } };
  } catch (error) {
    const isWrong = [OAuthError, PersonError, UsageError].some((known) => error instanceof known);
    if (!isWrong) throw error;
    return { status: 400, body: { message: (error as Error).message } };
  }
}

function parseBody(body: unknown): TokenRequest {
  const { client, user, groups = [], scopes } = Object(body) as Partial<TokenRequest>;
  const areTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === "string");
  if (typeof client !== "string" || !(scopes === undefined || areTexts(scopes)) || !areTexts(groups))
    throw new UsageError("expected client and, for a person, user, groups and scopes");
  const request = { client, ...(scopes && { scopes }) };
  return typeof user !== "string" ? request : { ...request, user, groups };
}
