import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, sendJson as send } from "../kit/http";

const FORM_LIMIT_BYTES = 64 * 1024;

/** An error for the caller: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthErrorCode;
  constructor(code: OAuthErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "login_required"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "unsupported_token_type";

/** Returns the fields of a form. Throws an OAuthError for other content, or more than 64 KB. */
export async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded")
    throw new OAuthError("invalid_request", "content-type: expected application/x-www-form-urlencoded");
  const body = await readBody(request, FORM_LIMIT_BYTES);
  if (body === undefined) throw new OAuthError("invalid_request", `body: expected at most ${FORM_LIMIT_BYTES} bytes`);
  return new URLSearchParams(body.toString());
}

/**
 * Creates a reader of parameters. An empty parameter counts as absent, and a repeated one is an
 * error: RFC 6749, sections 3.1 and 3.2.
 *
 * @returns a function that throws an OAuthError
 */
export function reader(parameters: URLSearchParams) {
  return function read(name: string): string | undefined {
    const values = parameters.getAll(name);
    if (values.length > 1) throw new OAuthError("invalid_request", `${name}: expected once`);
    return values[0] || undefined;
  };
}

/**
 * Returns the requested scopes, or all by default. Throws an OAuthError that names the allowed
 * ones.
 */
export function grantedScopes(asked: string | undefined, allowed: string[]): string[] {
  const scopes = asked?.split(" ").filter(Boolean) ?? allowed;
  if (scopes.length === 0 || !scopes.every((scope) => allowed.includes(scope)))
    throw new OAuthError(
      "invalid_scope",
      `scope: expected some of ${allowed.join(" ") || "none, the client has no scope"}`,
    );
  return [...new Set(scopes)];
}

export function sendJson(response: ServerResponse, status: number, body: object, headers = {}): void {
  send(response, status, body, { "content-type": "application/json;charset=UTF-8", ...NO_STORE, ...headers });
}

export function sendError(response: ServerResponse, status: number, code: string, message: string, headers = {}): void {
  sendJson(response, status, { error: code, error_description: message }, headers);
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, ...NO_STORE }).end();
}

export const NO_STORE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
