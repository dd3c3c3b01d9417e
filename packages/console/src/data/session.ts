import { PERMISSIONS } from "@backend/core/permissions";
import type { User, UserManager } from "oidc-client-ts";

import type { Config, TokenRequest } from "./config";
import { inTime } from "./in-time";
import { createStore } from "./store";
import { readStored, writeStored } from "./stored";
import { claimsOf, type TokenClaims } from "./token";

/** The signed-in caller. The token stays in memory, so no later page can read it. */
export interface Session {
  token?: string;
  claims?: TokenClaims | undefined;
  /** The test identity that the caller is, or that is being signed in. Offline only. */
  identity?: TokenRequest | undefined;
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

/** Test tokens are renewed this long before they expire. */
const RENEWAL_LEAD_MS = 60_000;
/** How long a sign-out waits for the issuer. */
const REVOCATION_TIMEOUT_MS = 1500;
export const CALLBACK = "/callback";
const SIGN_IN_KEY = "console.sign-in";
/** Set while this tab has been redirected to the issuer without being asked to. */
const REDIRECTED_KEY = "console.redirected";
let userManager: Promise<UserManager> | undefined;

export function canSignIn({ issuer, clientId }: Config): boolean {
  return issuer !== undefined && clientId !== undefined;
}

/**
 * Redirects to the sign-in page, which returns to the current page. Offline, the page appears even
 * if the issuer has a session, so that one can sign in as somebody else.
 */
export async function signIn(config: Config): Promise<void> {
  await redirect(config, config.offline ? { prompt: "login" } : {});
}

async function redirect(config: Config, options: { prompt?: string }): Promise<void> {
  session.set({ ...session.current(), busy: true });
  try {
    const manager = await managerOf(config);
    const isSigningIn = location.pathname === CALLBACK;
    const state = isSigningIn ? "/" : `${location.pathname}${location.search}`;
    await manager.signinRedirect({ state, ...options });
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
    writeStored(REDIRECTED_KEY, undefined);
    rememberSignIn("issuer");
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
  rememberSignIn("none");
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

/** Signs in as a test identity. Offline only. Throws an Error if the request is invalid. */
export async function signInAs(request: TokenRequest): Promise<void> {
  await mint(request);
  rememberSignIn(request);
}

/**
 * Gets a test token, and signs in with it. Throws an Error if the request is invalid.
 *
 * @param isCurrent false if the token is no longer needed when it arrives
 */
async function mint(request: TokenRequest, isCurrent = () => true): Promise<void> {
  const token = await inTime(async (signal) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/_offline/token", { method: "POST", headers, body: JSON.stringify(request), signal });
    const body = (await response.json()) as { accessToken?: string; message?: string };
    if (!response.ok || body.accessToken === undefined)
      throw new Error(body.message ?? `The token endpoint returned ${response.status}.`);
    return body.accessToken;
  });
  if (!isCurrent()) return;
  adopt(token, { identity: request });
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

/** How the reader has signed in: never a token. */
type SignInMemory = TokenRequest | "issuer" | "none";

/** Remembers the sign-in for reloads of this tab, and for new tabs. */
function rememberSignIn(memory: SignInMemory): void {
  writeStored(SIGN_IN_KEY, memory);
  writeStored(SIGN_IN_KEY, memory, "local");
}

function rememberedSignIn(): SignInMemory | undefined {
  return ((readStored(SIGN_IN_KEY) ?? readStored(SIGN_IN_KEY, "local")) as SignInMemory | null) ?? undefined;
}

/**
 * Signs in again after a reload, or in a new tab: with a new test token, or by one redirect to the
 * issuer, whose cookie ends its session. Offline, a first visit gets the first test identity.
 */
export async function resume(config: Config): Promise<void> {
  if (location.pathname === CALLBACK) return;
  const [firstIdentity] = config.testIdentities;
  const memory = rememberedSignIn() ?? firstIdentity;
  if (memory === undefined || memory === "none") return;
  if (memory === "issuer") return await resumeAtIssuer(config);
  if (!config.offline) return;
  session.set({ busy: true, identity: memory });
  await mint(memory).catch(() => session.set({}));
}

/** Redirects once: anyone who comes back from the sign-in page without signing in stays here. */
async function resumeAtIssuer(config: Config): Promise<void> {
  const hasRedirected = readStored(REDIRECTED_KEY) === true;
  writeStored(REDIRECTED_KEY, hasRedirected ? undefined : true);
  if (!hasRedirected && canSignIn(config)) await redirect(config, {});
}

/** The test identity that was used last. */
export function lastTokenRequest(): TokenRequest | undefined {
  const memory = rememberedSignIn();
  return typeof memory === "object" ? memory : undefined;
}

function adopt(token: string, { email, identity }: { email?: string | undefined; identity?: TokenRequest }): void {
  const claims = claimsOf(token);
  session.set({ token, claims: claims && { ...claims, name: email ?? claims.name }, identity });
}

function expire(): void {
  session.set({ problem: "Your session expired. Sign in again." });
}

/** Shows the email address of a person: Cognito's user name may be a random id. */
function follow({ access_token, profile: { email } }: User): void {
  adopt(access_token, { email });
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
