import { PERMISSIONS } from "@backend/core/permissions";
import type { User, UserManager } from "oidc-client-ts";

import type { Config } from "./config";
import { inTime } from "./in-time";
import { createStore } from "./store";
import { readStored, writeStored } from "./stored";
import { claimsOf, type TokenClaims } from "./token";

/** The signed-in caller. The token stays in memory, so no later page can read it. */
export interface Session {
  token?: string;
  claims?: TokenClaims | undefined;
  /** A sign-in is in progress, or is being restored. */
  busy?: boolean;
  problem?: string;
}

export const session = createStore<Session>({});

// The Back button from the sign-in page restores this page with its old state.
addEventListener("pageshow", ({ persisted }) => persisted && session.set({ ...session.current(), busy: false }));

/** Identifies the caller. The same before and after a token renewal. */
export function viewerOf({ token, claims }: Session): string | undefined {
  return token && JSON.stringify({ ...claims, expiresAt: undefined });
}

/** Scopes that the console asks for when a person signs in. */
export const SCOPES = ["openid", ...Object.keys(PERMISSIONS)];

/** A request for a test token. Offline only. */
export interface TokenRequest {
  client: "web" | "machine";
  user?: string;
  groups?: string[];
  /** Default: all scopes of the client. */
  scopes?: string[];
}

/** Test tokens are renewed this long before they expire. */
const RENEWAL_LEAD_MS = 60_000;
/** How long a sign-out waits for the issuer. */
const REVOCATION_TIMEOUT_MS = 1500;
export const CALLBACK = "/callback";
const TOKEN_REQUEST_KEY = "console.token-request";
let userManager: Promise<UserManager> | undefined;

export function canSignIn({ issuer, clientId }: Config): boolean {
  return issuer !== undefined && clientId !== undefined;
}

/** Redirects to the sign-in page, which returns to the current page. */
export async function signIn(config: Config): Promise<void> {
  session.set({ ...session.current(), busy: true });
  try {
    const manager = await managerOf(config);
    const isSigningIn = location.pathname === CALLBACK;
    await manager.signinRedirect({ state: isSigningIn ? "/" : `${location.pathname}${location.search}` });
  } catch (error) {
    const problem = `Couldn't reach the sign-in server: ${(error as Error).message}.`;
    session.set({ ...session.current(), busy: false, problem });
  }
}

/**
 * Handles the redirect back from the sign-in page. Returns the page to go to, and what went wrong.
 */
export async function completeSignIn(config: Config): Promise<{ returnTo: string; problem?: string }> {
  const manager = await managerOf(config);
  try {
    const { state } = await manager.signinRedirectCallback(); // also calls `follow`
    return { returnTo: pathIn(state) };
  } catch (error) {
    return { returnTo: pathIn((error as { state?: unknown }).state), problem: (error as Error).message };
  }
}

/** Returns the path in a sign-in's state. It must be on this site: `//host` is not. */
function pathIn(state: unknown): string {
  return typeof state === "string" && /^\/(?![/\\])/.test(state) ? state : "/";
}

export async function signOut(config: Config): Promise<void> {
  writeStored(TOKEN_REQUEST_KEY, undefined);
  clearTimeout(renewal);
  session.set({});
  const end = await forget();
  if (end === undefined || session.current().token !== undefined) return; // another caller has signed in
  // Cognito's parameters: https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
  const query = new URLSearchParams({ client_id: config.clientId ?? "", logout_uri: `${location.origin}/` });
  location.assign(`${end}?${query}`);
}

/**
 * Removes the signed-in user, and revokes the refresh token.
 *
 * @returns the URL that ends the issuer's session; undefined if nobody had signed in
 */
async function forget(): Promise<string | undefined> {
  const manager = await userManager?.catch(() => undefined); // it could not be loaded, so it has no user
  userManager = undefined;
  if (!manager || (await manager.getUser()) === null) return undefined;
  manager.events.removeUserLoaded(follow);
  manager.events.removeAccessTokenExpired(expire);
  // Don't wait for an issuer that doesn't respond: its token expires anyway.
  const revoked = manager.revokeTokens(["refresh_token"]).catch((error: Error) => console.warn(error.message));
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, REVOCATION_TIMEOUT_MS))]);
  await manager.removeUser();
  return await manager.metadataService.getEndSessionEndpoint().catch(() => undefined);
}

/**
 * Gets a test token, and signs in with it. Offline only. Throws an Error if the request is invalid.
 *
 * @param isCurrent false if the token is no longer needed when it arrives
 */
export async function mint(request: TokenRequest, isCurrent = () => true): Promise<void> {
  const token = await inTime(async (signal) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/_offline/token", { method: "POST", headers, body: JSON.stringify(request), signal });
    const body = (await response.json()) as { accessToken?: string; message?: string };
    if (!response.ok || body.accessToken === undefined)
      throw new Error(body.message ?? `The token endpoint returned ${response.status}.`);
    return body.accessToken;
  });
  if (!isCurrent()) return;
  writeStored(TOKEN_REQUEST_KEY, request); // not the token
  adopt(token);
  forget().catch((error: Error) => console.warn(error.message)); // an earlier sign-in must not be renewed
  renewLater(request);
}

let renewal: ReturnType<typeof setTimeout> | undefined;

/** Renews a test token before it expires, unless the caller has another one by then. */
function renewLater(request: TokenRequest): void {
  clearTimeout(renewal);
  const { token, claims } = session.current();
  if (claims === undefined || !Number.isFinite(claims.expiresAt)) return;
  const isSame = () => session.current().token === token;
  renewal = setTimeout(
    () => {
      if (isSame()) mint(request, isSame).catch(() => {}); // requests will report an expired token
    },
    Math.max(0, claims.expiresAt - Date.now() - RENEWAL_LEAD_MS),
  );
}

/** Gets a new test token after a reload. */
export async function resume(config: Config): Promise<void> {
  const request = lastTokenRequest();
  if (!config.offline || request === undefined) return;
  session.set({ busy: true });
  await mint(request).catch(() => session.set({}));
}

export function lastTokenRequest(): TokenRequest | undefined {
  return (readStored(TOKEN_REQUEST_KEY) as TokenRequest | null) ?? undefined;
}

function adopt(token: string, email?: string): void {
  const claims = claimsOf(token);
  session.set({ token, claims: claims && { ...claims, name: email ?? claims.name } });
}

function expire(): void {
  session.set({ problem: "Your session expired. Sign in again." });
}

/** Shows the email address of a person: Cognito's user name may be a random id. */
function follow({ access_token, profile: { email } }: User): void {
  adopt(access_token, email);
}

function managerOf({ issuer = "", clientId = "" }: Config): Promise<UserManager> {
  userManager ??= import("oidc-client-ts").then(({ InMemoryWebStorage, UserManager, WebStorageStateStore }) => {
    const manager = new UserManager({
      authority: issuer,
      client_id: clientId,
      redirect_uri: `${location.origin}${CALLBACK}`,
      scope: SCOPES.join(" "),
      response_type: "code",
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      automaticSilentRenew: true, // by the refresh token
      monitorSession: false,
      requestTimeoutInSeconds: 10,
    });
    manager.events.addUserLoaded(follow);
    manager.events.addAccessTokenExpired(expire);
    return manager;
  });
  return userManager;
}
