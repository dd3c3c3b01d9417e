import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isClientSecret, isSame } from "./client-secret";
import { formOf, grantedScopes, OAuthError, reader } from "./http";
import { type Person, personFrom } from "./person";
import type { AppClient, UserPool } from "./pool";
import type { Pending, RefreshTokens } from "./sessions";
import type { SignIn, Tokens } from "./tokens";
import type { UserStore } from "./user-store";

/** What an authorization code stands for: https://www.rfc-editor.org/rfc/rfc7636#section-4.4 */
export interface CodeGrant {
  clientId: string;
  redirectUri: string;
  /** SHA-256 of the verifier, base64url. */
  challenge: string | undefined;
  signIn: SignIn;
}

export interface TokenEndpoint {
  pool: UserPool;
  users: UserStore;
  folder: string;
  tokens: Tokens;
  codes: Pending<CodeGrant>;
  refreshTokens: RefreshTokens;
  now(): number;
}

/**
 * `/oauth2/token` and `/oauth2/revoke`, as
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html and
 * https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html describe them.
 *
 * @returns functions that return the body of a response, and throw OAuthErrors
 */
export function createTokenEndpoint({ pool, users, folder, tokens, codes, refreshTokens, now }: TokenEndpoint) {
  return { token, revoke };

  async function token(request: IncomingMessage): Promise<object> {
    const read = reader(await formOf(request));
    const type = read("grant_type");
    if (type === undefined) throw new OAuthError("invalid_request", `grant_type: expected ${GRANTS}`);
    const client = authenticated(request, read);
    if (type === "client_credentials") return await clientCredentials(client, read("scope"));
    if (type === "authorization_code") return await authorizationCode(client, read);
    if (type === "refresh_token") return await refresh(client, read("refresh_token"));
    throw new OAuthError("unsupported_grant_type", `grant_type: expected ${GRANTS}`);
  }

  async function clientCredentials(client: AppClient, scope: string | undefined): Promise<object> {
    allow(client, "client_credentials");
    const accessToken = await tokens.machineToken(client, grantedScopes(scope, client.scopes));
    return { access_token: accessToken, ...bearer(client) };
  }

  async function authorizationCode(client: AppClient, read: Read): Promise<object> {
    allow(client, "code");
    const code = requireParameter(read, "code");
    const redirectUri = requireParameter(read, "redirect_uri");
    const grant = codes.get(code);
    codes.remove(code); // a code is used up by the first request that presents it
    if (grant === undefined || grant.clientId !== client.id)
      throw new OAuthError(
        "invalid_grant",
        "code: expected one of this client that is neither used nor over 5 minutes old",
      );
    if (grant.redirectUri !== redirectUri)
      throw new OAuthError("invalid_grant", "redirect_uri: expected the one that the code was asked for with");
    if (!matchesChallenge(read("code_verifier"), grant.challenge))
      throw new OAuthError("invalid_grant", "code_verifier: expected the one whose SHA-256 is the code_challenge");
    const expires = now() + client.lifetimes.refreshToken * 1000;
    const { nonce, ...later } = grant.signIn; // only the first ID token has the nonce
    const issued = await personTokens(client, grant.signIn);
    if (!client.mayRefresh) return issued;
    return { ...issued, refresh_token: refreshTokens.add({ clientId: client.id, signIn: later, expires }) };
  }

  async function refresh(client: AppClient, token: string | undefined): Promise<object> {
    if (!client.mayRefresh)
      throw new OAuthError(
        "unauthorized_client",
        "the client's explicitAuthFlows do not hold ALLOW_REFRESH_TOKEN_AUTH",
      );
    if (token === undefined) throw new OAuthError("invalid_request", "refresh_token: expected one");
    const grant = refreshTokens.get(token);
    if (grant?.clientId !== client.id)
      throw new OAuthError("invalid_grant", "refresh_token: expected one of this client, not expired and not revoked");
    return await personTokens(client, grant.signIn);
  }

  async function revoke(request: IncomingMessage): Promise<void> {
    const read = reader(await formOf(request));
    const client = authenticated(request, read);
    const token = requireParameter(read, "token");
    if (token.split(".").length === 3)
      throw new OAuthError("unsupported_token_type", "token: expected a refresh token");
    if (refreshTokens.get(token)?.clientId === client.id) refreshTokens.remove(token);
  }

  /** Returns the authenticated client, or throws an OAuthError. */
  function authenticated({ headers }: IncomingMessage, read: Read): AppClient {
    const basic = headers.authorization === undefined ? undefined : basicOf(headers.authorization);
    const inBody = { id: read("client_id"), secret: read("client_secret") };
    if (basic !== undefined && (inBody.secret !== undefined || (inBody.id ?? basic.id) !== basic.id))
      throw new OAuthError("invalid_request", "client_id and client_secret: expected in the header or in the body");
    const { id, secret } = basic ?? inBody;
    if (id === undefined) throw new OAuthError("invalid_request", "client_id: expected one");
    const client = pool.clients.find((known) => known.id === id);
    if (client === undefined) throw new OAuthError("invalid_client", "client_id: the user pool has no such client");
    const isRight = client.hasSecret
      ? secret !== undefined && isClientSecret(folder, client.id, secret)
      : secret === undefined;
    if (!isRight)
      throw new OAuthError("invalid_client", `client_secret: expected ${client.hasSecret ? "the client's" : "none"}`);
    return client;
  }

  async function personTokens(client: AppClient, given: SignIn): Promise<object> {
    const signIn = { ...given, person: currentPerson(given.person) };
    const accessToken = await tokens.accessToken(client, signIn);
    const isOidc = signIn.scopes.includes("openid");
    return {
      ...(isOidc && { id_token: await tokens.idToken(client, signIn, accessToken) }),
      access_token: accessToken,
      ...bearer(client),
    };
  }

  /**
   * Returns a user of the pool with the current groups, or a test identity unchanged. Throws an
   * OAuthError for a disabled user.
   */
  function currentPerson(person: Person): Person {
    const user = users.bySubject(person.subject);
    if (user?.enabled === false) throw new OAuthError("invalid_grant", "the user is disabled");
    return user === undefined ? person : personFrom(user);
  }
}

type Read = (name: string) => string | undefined;

const GRANTS = "authorization_code, refresh_token or client_credentials";

function bearer({ lifetimes }: AppClient) {
  return { expires_in: lifetimes.accessToken, token_type: "Bearer" };
}

function allow(client: AppClient, flow: "client_credentials" | "code"): void {
  if (client.flows.includes(flow)) return;
  const flows = client.flows.join(" ") || "none";
  throw new OAuthError(
    "unauthorized_client",
    `the client may not use the flow ${flow}: its allowedOauthFlows are ${flows}`,
  );
}

function requireParameter(read: Read, name: string): string {
  const value = read(name);
  if (value === undefined) throw new OAuthError("invalid_request", `${name}: expected one`);
  return value;
}

/**
 * True if the verifier matches the challenge. A verifier without a challenge does not match: an
 * attacker may have removed the challenge from the request.
 */
function matchesChallenge(verifier: string | undefined, challenge: string | undefined): boolean {
  if (verifier === undefined || challenge === undefined) return verifier === challenge;
  return /^[\w.~-]{43,128}$/.test(verifier) && isSame(challengeOf(verifier), challenge);
}

/** `S256`: https://www.rfc-editor.org/rfc/rfc7636#section-4.2 */
function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

/**
 * Reads client id and secret from a Basic header. Ignores the form-encoding of RFC 6749, section
 * 2.3.1, because it changes no character of our ids and secrets.
 */
function basicOf(authorization: string) {
  const [, encoded = ""] = /^basic +([\w+/]+=*)$/i.exec(authorization) ?? [];
  const [, id, secret] = /^([^:]+):(.*)$/.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  if (id === undefined)
    throw new OAuthError("invalid_request", "authorization: expected Basic with client_id:client_secret in base64");
  return { id, secret: secret || undefined };
}
