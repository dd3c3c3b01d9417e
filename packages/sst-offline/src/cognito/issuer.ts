import type { IncomingMessage, ServerResponse } from "node:http";

import { type BrowserSession, createSignIn, type SignInResult, UntrustedError } from "./authorize";
import { formOf, NO_STORE, OAuthError, redirect, sendError, sendJson } from "./http";
import { publicKeys } from "./keys";
import { originsOf, type UserPool } from "./pool";
import { createPending, createRefreshTokens } from "./sessions";
import { errorPage, type Html, signInPage } from "./sign-in-page";
import type { SignInRequest } from "./sign-in-request";
import { type CodeGrant, createTokenEndpoint } from "./token-endpoint";
import { createTokens } from "./tokens";
import { createUserStore } from "./user-store";

/**
 * Lifetime of a code:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 */
const CODE_LIFETIME_MS = 5 * 60 * 1000;
const PAGE_LIFETIME_MS = 60 * 60 * 1000;
/**
 * Lifetime of the cookie with which Cognito's pages remember a sign-in:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
 */
const SESSION_LIFETIME_MS = 60 * 60 * 1000;
const COOKIE = "offline-session";

export interface IssuerOptions {
  pool: UserPool;
  /** `http://127.0.0.1:3002/<pool id>` */
  issuer: string;
  /** Folder of the pool's keys, secrets and refresh tokens. */
  folder: string;
  /** Epoch milliseconds. */
  now(): number;
}

/** Creates an OIDC issuer with the endpoints of a Cognito user pool. */
export function createIssuer({ pool, issuer, folder, now }: IssuerOptions) {
  const own = ownOrigins(issuer);
  const pages = originsOf(pool);
  const tokens = createTokens(issuer, folder, now);
  const codes = createPending<CodeGrant>(CODE_LIFETIME_MS, now);
  const refreshTokens = createRefreshTokens(folder, now);
  const users = createUserStore(pool, folder, now);
  const endpoint = createTokenEndpoint({ pool, users, folder, tokens, codes, refreshTokens, now });
  const pending = createPending<SignInRequest>(PAGE_LIFETIME_MS, now);
  const sessions = createPending<BrowserSession>(SESSION_LIFETIME_MS, now);
  const signIn = createSignIn({ pool, users, pending, sessions, codes, now });
  const cookiePath = `/${pool.id}`;

  /** Paths for programs, and for pages that use the sign-in. */
  const forClients: Routes = {
    "/.well-known/openid-configuration": { GET: async ({ response }) => sendJson(response, 200, discovery(issuer)) },
    "/.well-known/jwks.json": { GET: async ({ response }) => sendJson(response, 200, publicKeys(await tokens.keys())) },
    "/oauth2/token": { POST: async ({ request, response }) => sendJson(response, 200, await endpoint.token(request)) },
    "/oauth2/revoke": {
      POST: async ({ request, response }) => {
        await endpoint.revoke(request);
        response.writeHead(200, NO_STORE).end();
      },
    },
    "/oauth2/userInfo": { GET: userInfo, POST: userInfo },
  };
  /** Paths for a user's browser, which no page may call. */
  const forPeople: Routes = {
    "/oauth2/authorize": { GET: authorize },
    "/login": {
      GET: authorize,
      POST: async ({ request, response }) => sendResult(response, signIn.login(await formOf(request))),
    },
    "/logout": {
      GET: async ({ request, response, query }) => sendResult(response, signIn.logout(query, sessionOf(request))),
    },
  };

  /** @param path path after the issuer, such as `/oauth2/token` */
  return async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ) {
    const { method = "", headers } = request;
    const isForPeople = Object.hasOwn(forPeople, path);
    const methods = { ...forClients, ...forPeople }[path];
    if (methods === undefined) return sendError(response, 404, "not_found", "unknown path");
    response.setHeader("vary", "origin");
    const { origin } = headers;
    if (origin !== undefined && !own.includes(origin)) {
      const allowed = isForPeople ? [] : pages;
      if (!allowed.includes(origin))
        return sendError(response, 403, "access_denied", `origin: expected ${[...allowed, "none"].join(" or ")}`);
      response.setHeader("access-control-allow-origin", origin);
      if (method === "OPTIONS") return preflight(response, Object.keys(methods));
    }
    const run = methods[method];
    if (run === undefined) {
      const allow = Object.keys(methods).join(", ");
      return sendError(response, 405, "invalid_request", `method: expected ${allow}`, { allow });
    }
    try {
      await run({ request, response, query });
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (isForPeople) showError(response, error as Error);
      else sendOAuthError(response, error as Error, path);
    }
  };

  async function authorize({ request, response, query }: Exchange): Promise<void> {
    sendResult(response, signIn.authorize(query, sessionOf(request)));
  }

  function sendResult(response: ServerResponse, result: SignInResult): void {
    if ("page" in result) {
      sendHtml(response, result.page.problem === undefined ? 200 : 400, signInPage(result.page));
      return;
    }
    const { session } = result;
    if (session !== undefined) {
      const seconds = session === "" ? 0 : SESSION_LIFETIME_MS / 1000;
      const attributes = `Path=${cookiePath}; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;
      response.setHeader("set-cookie", `${COOKIE}=${session}; ${attributes}`);
    }
    redirect(response, result.redirect);
  }

  async function userInfo({ request, response }: Exchange): Promise<void> {
    const [, token] = /^bearer +([\w.-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const { sub, username, scope } = (token !== undefined && (await tokens.verifyAccessToken(token))) || {};
    if (username !== undefined && String(scope).split(" ").includes("openid"))
      return sendJson(response, 200, { sub, username });
    const description = "expected an access token of a person with the scope openid, not expired";
    const challenge = `Bearer error="invalid_token", error_description="${description}"`;
    sendError(response, 401, "invalid_token", description, { "www-authenticate": challenge });
  }
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
}

/** Handlers by path and method. */
type Routes = Record<string, Record<string, (exchange: Exchange) => Promise<void>>>;

/** Returns Cognito's discovery document, with additional members that clients need. */
function discovery(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth2/authorize`,
    token_endpoint: `${issuer}/oauth2/token`,
    userinfo_endpoint: `${issuer}/oauth2/userInfo`,
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    end_session_endpoint: `${issuer}/logout`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ["code"],
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    code_challenge_methods_supported: ["S256"],
  };
}

/** Returns the origins under which a browser may call this machine. */
function ownOrigins(issuer: string): string[] {
  const { origin, port } = new URL(issuer);
  return [origin, `http://127.0.0.1:${port}`, `http://localhost:${port}`];
}

function preflight(response: ServerResponse, methods: string[]): void {
  const headers = {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "600",
  };
  response.writeHead(204, headers).end();
}

function sessionOf({ headers: { cookie = "" } }: IncomingMessage): string {
  const [, session = ""] = new RegExp(`(?:^|; *)${COOKIE}=([\\w-]*)`).exec(cookie) ?? [];
  return session;
}

function sendHtml(response: ServerResponse, status: number, { headers, body }: Html): void {
  response.writeHead(status, { ...headers, ...NO_STORE }).end(body);
}

function showError(response: ServerResponse, error: Error): void {
  const isRequest = error instanceof UntrustedError || error instanceof OAuthError;
  sendHtml(response, isRequest ? 400 : 500, errorPage(error.message));
}

/** Cognito's token endpoint responds with 400 even where RFC 6749 requires 401. */
function sendOAuthError(response: ServerResponse, error: Error, path: string): void {
  const code = error instanceof OAuthError ? error.code : "server_error";
  const isUnauthorized = code === "invalid_client" && path === "/oauth2/revoke";
  sendError(response, code === "server_error" ? 500 : isUnauthorized ? 401 : 400, code, error.message);
}
