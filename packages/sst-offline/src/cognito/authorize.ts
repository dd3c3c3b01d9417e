import { grantedScopes, OAuthError, reader } from "./http";
import { findPerson, type Person, PersonError } from "./person";
import type { AppClient, UserPool } from "./pool";
import type { Pending } from "./sessions";
import type { SignInPage } from "./sign-in-page";
import type { SignInRequest } from "./sign-in-request";
import type { CodeGrant } from "./token-endpoint";
import { newSignIn } from "./tokens";
import type { UserStore } from "./user-store";

/** `session`: names the browser's new session; empty if it has ended. */
export type SignInResult = { redirect: string; session?: string } | { page: SignInPage };

/** Who has signed in with a browser, as typed: users and groups of the pool may change. */
export interface BrowserSession {
  name: string;
  groups: string[];
}

interface SignInOptions {
  pool: UserPool;
  users: UserStore;
  /** Requests of open pages, by the token in the page's form, which other origins cannot read. */
  pending: Pending<SignInRequest>;
  sessions: Pending<BrowserSession>;
  codes: Pending<CodeGrant>;
  /** Epoch milliseconds. */
  now(): number;
}

/** Reports an untrusted client. The user sees it, because it must not be sent to the client. */
export class UntrustedError extends Error {
  override readonly name = "UntrustedError";
}

/**
 * Creates `/oauth2/authorize`, `/login` and `/logout`, which these pages describe:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 * https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
 *
 * @returns functions that throw an UntrustedError
 */
export function createSignIn({ pool, users, pending, sessions, codes, now }: SignInOptions) {
  return { authorize, login, logout };

  /** @param session name of the browser's session */
  function authorize(parameters: URLSearchParams, session = ""): SignInResult {
    const { client, redirectUri } = trusted(parameters);
    try {
      const request = requestOf(client, redirectUri, parameters);
      // https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
      const person = request.prompt === "login" ? undefined : personIn(session);
      if (person !== undefined) return { redirect: grant(request, person) };
      if (request.prompt === "none")
        throw new OAuthError("login_required", "prompt: nobody has signed in with this browser");
      return { page: { request, pool, users: signInNames(), token: pending.add(request) } };
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const state = parameters.getAll("state");
      const problem = { error: error.code, error_description: error.message };
      return { redirect: withQuery(redirectUri, { ...problem, state: state.length === 1 ? state[0] : undefined }) };
    }
  }

  /** Handles the submitted form. */
  function login(form: URLSearchParams): SignInResult {
    const token = form.get("_csrf") ?? "";
    const request = pending.get(token);
    if (request === undefined)
      throw new UntrustedError("This page has expired or was already used. Go back to the app and sign in again.");
    const identity = pool.testIdentities.find(({ label }) => label === form.get("identity"));
    const typed = {
      name: identity?.user ?? form.get("username")?.trim() ?? "",
      groups: identity?.groups ?? form.getAll("group"),
      runtimeGroups: identity === undefined ? (form.get("runtime-groups") ?? "") : "",
    };
    try {
      const groups = [...typed.groups, ...runtimeGroupsIn(typed.runtimeGroups)];
      const person = findPerson(pool, users, typed.name, groups);
      pending.remove(token);
      confirm(person);
      return { redirect: grant(request, person), session: sessions.add({ name: typed.name, groups }) };
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      return { page: { request, pool, users: signInNames(), token, typed, problem: error } };
    }
  }

  /** Returns the names that someone typed, with the prefix that they may have left out. */
  function runtimeGroupsIn(typed: string): string[] {
    const { prefix = "" } = pool.runtimeGroups ?? {};
    const names = typed.split(/\s+/).filter(Boolean);
    return names.map((name) => (name.startsWith(prefix) ? name : `${prefix}${name}`));
  }

  /** Returns the URL that hands the client a code. */
  function grant({ client, redirectUri, scopes, challenge, state, nonce }: SignInRequest, person: Person): string {
    const signIn = { ...newSignIn(person, scopes, now()), nonce };
    const code = codes.add({ clientId: client.id, redirectUri, challenge, signIn });
    return withQuery(redirectUri, { code, state });
  }

  /** Returns nobody if the user has been disabled, or has left a group, since the sign-in. */
  function personIn(session: string): Person | undefined {
    const found = sessions.get(session);
    if (found === undefined) return undefined;
    try {
      return findPerson(pool, users, found.name, found.groups);
    } catch (error) {
      if (error instanceof PersonError) return undefined;
      throw error;
    }
  }

  /** Returns the names with which users of the pool can sign in. */
  function signInNames(): string[] {
    const [alias] = pool.aliases;
    const enabled = users.users().filter((user) => user.enabled);
    return enabled.map(({ username, attributes }) => (alias && attributes[alias]) ?? username);
  }

  /**
   * Marks a user as confirmed. On AWS, an invited user, or one with a reset password, chooses a
   * password here.
   */
  function confirm({ subject }: Person): void {
    const status = users.bySubject(subject)?.status ?? "CONFIRMED";
    if (status !== "CONFIRMED") users.update(subject, { status: "CONFIRMED" });
  }

  function logout(parameters: URLSearchParams, session: string): SignInResult {
    const logoutUri = parameters.get("logout_uri");
    if (logoutUri !== null && !clientOf(parameters).logoutUrls.includes(logoutUri))
      throw new UntrustedError("logout_uri: expected one of the client's logoutUrls, exactly as declared.");
    sessions.remove(session);
    return logoutUri === null ? authorize(parameters) : { redirect: logoutUri, session: "" };
  }

  /**
   * Returns the client and a registered redirect URI. Nothing may be sent to any other URL: RFC
   * 6749, section 4.1.2.1.
   */
  function trusted(parameters: URLSearchParams) {
    const client = clientOf(parameters);
    const [redirectUri = "", ...more] = parameters.getAll("redirect_uri");
    if (more.length > 0 || !client.callbackUrls.includes(redirectUri))
      throw new UntrustedError("redirect_uri: expected one of the client's callbackUrls, exactly as declared.");
    return { client, redirectUri };
  }

  function clientOf(parameters: URLSearchParams): AppClient {
    const [id, ...more] = parameters.getAll("client_id");
    const client = pool.clients.find((known) => known.id === id);
    if (client === undefined || more.length > 0)
      throw new UntrustedError("client_id: expected the id of a client of this user pool.");
    return client;
  }
}

/** Throws an OAuthError. */
function requestOf(client: AppClient, redirectUri: string, parameters: URLSearchParams): SignInRequest {
  const read = reader(parameters);
  const type = read("response_type");
  if (type === undefined) throw new OAuthError("invalid_request", "response_type: expected code");
  const flow = type === "token" ? "implicit" : type;
  if (["code", "implicit"].includes(flow) && !client.flows.includes(flow))
    throw new OAuthError("unauthorized_client", `the client may not use the flow ${flow}`);
  if (flow !== "code") throw new OAuthError("unsupported_response_type", "response_type: expected code");
  const challenge = challengeFrom(client, read("code_challenge"), read("code_challenge_method"));
  const scopes = grantedScopes(read("scope"), client.scopes);
  const [prompt, state, nonce] = [read("prompt"), read("state"), read("nonce")];
  return { client, redirectUri, scopes, prompt, state, nonce, challenge };
}

function challengeFrom(client: AppClient, challenge: string | undefined, method: string | undefined) {
  if (challenge === undefined && method === undefined && client.hasSecret) return undefined;
  if (method !== "S256") throw new OAuthError("invalid_request", "code_challenge_method: expected S256");
  if (challenge !== undefined && /^[\w-]{43}$/.test(challenge)) return challenge;
  throw new OAuthError("invalid_request", "code_challenge: expected a SHA-256 in base64url, 43 characters");
}

function withQuery(address: string, parameters: Record<string, string | undefined>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.append(name, value);
  return url.href;
}
