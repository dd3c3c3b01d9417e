import type { ResolvedGraph } from "@backend/sst-graph/resolve";
import { UsageError } from "@backend/sst-graph/usage-error";
import { grantedScopes, OAuthError } from "../cognito/http";
import { PersonError, personOf } from "../cognito/person";
import { pickClient } from "../cognito/pick-client";
import { issuerOf, poolFolder } from "../cognito/places";
import { userPoolsOf } from "../cognito/pool";
import { createTokens, newSignIn } from "../cognito/tokens";

/** The body of a request of the console. */
interface ConsoleToken {
  client: string;
  user?: string;
  groups?: string[];
  /** All of the client's if left out: https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
  scopes?: string[];
}

/**
 * Makes a token for the console's "Get a token", with the pool's own key, as `pnpm offline token`
 * does.
 *
 * @param folder of the stage: `.offline/<stage>`
 * @returns status and body of the response
 */
export async function mintToken(graph: ResolvedGraph, folder: string, endpointUrl: string, body: unknown) {
  try {
    const { client: name, user, groups = [], scopes } = parseBody(body);
    const flow = user === undefined ? "client_credentials" : "code";
    const { client, pool } = pickClient(userPoolsOf(graph), flow, name);
    const granted = grantedScopes(scopes?.join(" "), client.scopes);
    const tokens = createTokens(issuerOf(endpointUrl, pool.id), poolFolder(folder, pool.id), Date.now);
    const expiresIn = client.lifetimes.accessToken;
    if (user === undefined)
      return { status: 200, body: { accessToken: await tokens.machineToken(client, granted), expiresIn } };
    const person = personOf(pool, user, groups);
    const accessToken = await tokens.accessToken(client, newSignIn(person, granted, Date.now()));
    return { status: 200, body: { accessToken, expiresIn } };
  } catch (error) {
    const isWrong = [OAuthError, PersonError, UsageError].some((known) => error instanceof known);
    if (!isWrong) throw error;
    return { status: 400, body: { message: (error as Error).message } };
  }
}

function parseBody(body: unknown): ConsoleToken {
  const { client, user, groups = [], scopes } = Object(body) as Partial<ConsoleToken>;
  const areTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === "string");
  if (typeof client !== "string" || !(scopes === undefined || areTexts(scopes)) || !areTexts(groups))
    throw new UsageError("expected client and, for a person, user, groups and scopes");
  const request = { client, ...(scopes && { scopes }) };
  return client === "machine" || typeof user !== "string" ? request : { ...request, user, groups };
}
