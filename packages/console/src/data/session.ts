import { PERMISSIONS } from "@backend/core/permissions";
import type { User, UserManager } from "oidc-client-ts";

import type { Config } from "./config";
import { inTime } from "./in-time";
import { createStore } from "./store";
import { readStored, writeStored } from "./stored";
import { claimsOf, type TokenClaims } from "./token";

/** Whose token requests are sent with. It is kept in memory alone: no script finds it in a later page. */
export interface Session {
  token?: string;
  claims?: TokenClaims | undefined;
  /** A sign-in is under way, or tried again. */
  busy?: boolean;
  problem?: string;
}

export const session = createStore<Session>({});

// A page that one comes back to from the sign-in page by the browser's button is as it was left.
addEventListener("pageshow", ({ persisted }) => persisted && session.set({ ...session.current(), busy: false }));

/** Whose view it is: the same after a token was renewed. */
export function viewerOf({ token, claims }: Session): string | undefined {
  return token && JSON.stringify({ ...claims, expiresAt: undefined });
}

/** What a person may ask for: everything that a permission names, and who they are. */
export const SCOPES = ["openid", ...Object.keys(PERMISSIONS)];

/** What to mint a token for, offline. */
export interface TokenRequest {
  client: "web" | "machine";
  user?: string;
  groups?: string[];
  /** All that the client may have, if left out. */
  scopes?: string[];
}

const MINUTE = 60_000;
/** Milliseconds that a sign-out waits for the issuer. */
const REVOCATION = 1500;
export const CALLBACK = "/callback";
const CLICKED = "console.token-request";
let managing: Promise<UserManager> | undefined;

export function canSignIn({ issuer, clientId }: Config): boolean {
  return issuer !== undefined && clientId !== undefined;
}

/** Leaves the page for the sign-in page, to come back to where the person is. */
export async function signIn(config: Config): Promise<void> {
  session.set({ ...session.current(), busy: true });
  try {
    const manager = await managerOf(config);
    const isSigningIn = location.pathname === CALLBACK;
    await manager.signinRedirect({ state: isSigningIn ? "/" : `${location.pathname}${location.search}` });
  } catch (error) {
    const problem = `The sign-in page cannot be found: ${(error as Error).message}`;
    session.set({ ...session.current(), busy: false, problem });
  }
}

/** On the way back. @returns where the person was, and what went wrong */
export async function completeSignIn(config: Config): Promise<{ returnTo: string; problem?: string }> {
  const manager = await managerOf(config);
  try {
    const { state } = await manager.signinRedirectCallback(); // which is told to follow, too
    return { returnTo: placeIn(state) };
  } catch (error) {
    return { returnTo: placeIn((error as { state?: unknown }).state), problem: (error as Error).message };
  }
}

/** A place on this site alone. */
function placeIn(state: unknown): string {
  return typeof state === "string" && /^\/(?![/\\])/.test(state) ? state : "/";
}

export async function signOut(config: Config): Promise<void> {
  writeStored(CLICKED, undefined);
  clearTimeout(renewal);
  session.set({});
  const end = await forget();
  if (end === undefined || session.current().token !== undefined) return; // somebody else is here by now
  // Cognito's parameters: https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
  const query = new URLSearchParams({ client_id: config.clientId ?? "", logout_uri: `${location.origin}/` });
  location.assign(`${end}?${query}`);
}

/**
 * Whoever has signed in is forgotten, and the refresh token revoked.
 *
 * @returns where the issuer's own session is ended; undefined where nobody had signed in
 */
async function forget(): Promise<string | undefined> {
  const manager = await managing?.catch(() => undefined); // one that could not be loaded knows nobody
  managing = undefined;
  if (!manager || (await manager.getUser()) === null) return undefined;
  manager.events.removeUserLoaded(follow);
  manager.events.removeAccessTokenExpired(expire);
  // Nobody waits for an issuer that does not answer: the token is forgotten here, and expires there.
  const revoked = manager.revokeTokens(["refresh_token"]).catch((error: Error) => console.warn(error.message));
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, REVOCATION))]);
  await manager.removeUser();
  return await manager.metadataService.getEndSessionEndpoint().catch(() => undefined);
}

/**
 * Offline: a token at a click. Throws an Error that says what is wrong with the wish.
 *
 * @param isWanted asked when the token has come
 */
export async function mint(request: TokenRequest, isWanted = () => true): Promise<void> {
  const token = await inTime(async (signal) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/_offline/token", { method: "POST", headers, body: JSON.stringify(request), signal });
    const body = (await response.json()) as { accessToken?: string; message?: string };
    if (!response.ok || body.accessToken === undefined) throw new Error(body.message ?? `answered ${response.status}`);
    return body.accessToken;
  });
  if (!isWanted()) return;
  writeStored(CLICKED, request); // the wish, not the token
  adopt(token);
  forget().catch((error: Error) => console.warn(error.message)); // nor does a sign-in of before come back
  renewLater(request);
}

let renewal: ReturnType<typeof setTimeout> | undefined;

/**
 * As the refresh token of who has signed in does: a minute before the token's end, unless there is
 * another one by then.
 */
function renewLater(request: TokenRequest): void {
  clearTimeout(renewal);
  const { token, claims } = session.current();
  if (claims === undefined || !Number.isFinite(claims.expiresAt)) return;
  const isSame = () => session.current().token === token;
  renewal = setTimeout(
    () => {
      if (isSame()) mint(request, isSame).catch(() => {}); // that it has expired is said where it matters
    },
    Math.max(0, claims.expiresAt - Date.now() - MINUTE),
  );
}

/** After a reload: who clicked for a token wants it again. */
export async function resume(config: Config): Promise<void> {
  const wish = lastWish();
  if (!config.offline || wish === undefined) return;
  session.set({ busy: true });
  await mint(wish).catch(() => session.set({}));
}

export function lastWish(): TokenRequest | undefined {
  return (readStored(CLICKED) as TokenRequest | null) ?? undefined;
}

function adopt(token: string, email?: string): void {
  const claims = claimsOf(token);
  session.set({ token, claims: claims && { ...claims, name: email ?? claims.name } });
}

function expire(): void {
  session.set({ problem: "The sign-in has expired. Sign in again to go on." });
}

/** Where people sign in by their address, a user name is an id that nobody knows. */
function follow({ access_token, profile: { email } }: User): void {
  adopt(access_token, email);
}

function managerOf({ issuer = "", clientId = "" }: Config): Promise<UserManager> {
  managing ??= import("oidc-client-ts").then(({ InMemoryWebStorage, UserManager, WebStorageStateStore }) => {
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
  return managing;
}
