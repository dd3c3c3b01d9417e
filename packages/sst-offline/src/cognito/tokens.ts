import { createHash, randomUUID } from "node:crypto";

import { publicKeys, type SigningKeys, signingKeys } from "./keys";
import type { Person } from "./person";
import type { AppClient } from "./pool";

/** A sign-in of a person for a client. All its tokens have the same ids, even after a renewal. */
export interface SignIn {
  person: Person;
  scopes: string[];
  /** Epoch seconds. */
  authTime: number;
  /** `origin_jti` and `event_id` of all its tokens. */
  originId: string;
  eventId: string;
  nonce?: string | undefined;
}

/** @param now epoch milliseconds */
export function newSignIn(person: Person, scopes: string[], now: number): SignIn {
  return { person, scopes, authTime: Math.floor(now / 1000), originId: randomUUID(), eventId: randomUUID() };
}

/**
 * Creates a signer of tokens with Cognito's claims:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html and
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
 *
 * @param folder folder of the pool's keys
 * @param now returns epoch milliseconds
 */
export function createTokens(issuer: string, folder: string, now: () => number) {
  let loading: Promise<SigningKeys> | undefined;

  return { keys, machineToken, accessToken, idToken, verifyAccessToken };

  /** Throws a StateFileError for damaged keys. */
  function keys(): Promise<SigningKeys> {
    loading ??= signingKeys(folder).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  /** Signs an access token for a machine client. */
  async function machineToken(client: AppClient, scopes: string[]): Promise<string> {
    const seconds = Math.floor(now() / 1000);
    return await signed((await keys()).accessToken, {
      sub: client.id,
      token_use: "access",
      scope: scopes.join(" "),
      auth_time: seconds,
      ...timesOf(client.lifetimes.accessToken),
      version: 2,
      client_id: client.id,
    });
  }

  async function accessToken(client: AppClient, { person, scopes, ...signIn }: SignIn): Promise<string> {
    return await signed((await keys()).accessToken, {
      sub: person.subject,
      ...groupsOf(person),
      version: 2,
      client_id: client.id,
      origin_jti: signIn.originId,
      event_id: signIn.eventId,
      token_use: "access",
      scope: scopes.join(" "),
      auth_time: signIn.authTime,
      ...timesOf(client.lifetimes.accessToken),
      username: person.name,
    });
  }

  async function idToken(client: AppClient, { person, ...signIn }: SignIn, accessToken: string): Promise<string> {
    return await signed((await keys()).idToken, {
      at_hash: createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url"),
      sub: person.subject,
      ...groupsOf(person),
      "cognito:username": person.name,
      ...person.claims,
      nonce: signIn.nonce,
      origin_jti: signIn.originId,
      aud: client.id,
      event_id: signIn.eventId,
      token_use: "id",
      auth_time: signIn.authTime,
      ...timesOf(client.lifetimes.idToken),
    });
  }

  /** Returns the claims of a valid access token of this issuer, or `undefined`. */
  async function verifyAccessToken(token: string): Promise<Record<string, unknown> | undefined> {
    const { createLocalJWKSet, jwtVerify } = await import("jose");
    const keySet = createLocalJWKSet(publicKeys(await keys()));
    const options = { issuer, algorithms: ["RS256"], currentDate: new Date(now()) };
    try {
      const { payload } = await jwtVerify(token, keySet, options);
      return payload.token_use === "access" ? payload : undefined;
    } catch {
      return undefined; // the caller learns that it is not valid, and not why
    }
  }

  function timesOf(lifetime: number) {
    const iat = Math.floor(now() / 1000);
    return { exp: iat + lifetime, iat };
  }

  async function signed(key: SigningKeys["idToken"], claims: Record<string, unknown>): Promise<string> {
    const { importJWK, SignJWT } = await import("jose");
    return await new SignJWT({ ...claims, iss: issuer, jti: randomUUID() })
      .setProtectedHeader({ kid: key.kid, alg: "RS256" })
      .sign(await importJWK(key, "RS256"));
  }
}

export type Tokens = ReturnType<typeof createTokens>;

function groupsOf({ groups }: Person) {
  return groups.length > 0 ? { "cognito:groups": groups } : {};
}
