import { headerOf, type IncomingRequest } from "../kit/http-message";
import { isRecord } from "../kit/json";
import { type Claims, renderClaims, scopesOf } from "./claims";
import { ERRORS, type GatewayError } from "./error";
import { createKeySource, IssuerError } from "./issuer";

/** A JWT authorizer of the graph. */
export interface JwtAuthorizer {
  /** `$request.header.<name>` or `$request.querystring.<name>`. */
  identitySource: string;
  issuer: string;
  audiences: string[];
}

export interface Authorized {
  claims: Claims;
  /** All scopes of the token; null on a route without scopes. */
  scopes: string[] | null;
}

export type Authorization =
  | ({ ok: true } & Authorized)
  | { ok: false; error: GatewayError /** `$context.authorizer.error`. */; reason: string };

const BASE64URL = /^[\w.-]+$/;

/**
 * API Gateway supports only RSA.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
const ALGORITHMS = ["RS256", "RS384", "RS512"];

/**
 * Creates a check of a request's token, in API Gateway's order: form, algorithm, key, signature,
 * issuer, audience, times, scopes.
 *
 * @param now returns epoch milliseconds
 * @returns a function that takes the route's scopes, of which the token needs one
 */
export function createAuthorizer({ identitySource, issuer, audiences }: JwtAuthorizer, now: () => number) {
  const keys = createKeySource(issuer, now);
  const tokenOf = compileIdentitySource(identitySource);

  return async function authorize(request: IncomingRequest, scopes: string[]): Promise<Authorization> {
    const token = tokenOf(request);
    if (token === undefined || token === "") return reject("Bearer", "missing: token not provided");
    try {
      const payload = await verify(token);
      check(payload);
      const granted = scopesOf(payload);
      if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) return forbid(scopes);
      return { ok: true, claims: renderClaims(payload), scopes: scopes.length > 0 ? granted : null };
    } catch (error) {
      if (!(error instanceof TokenError || error instanceof IssuerError)) throw error;
      const challenge = `Bearer scope="${scopes.join(" ")}" error="invalid_token" error_description="${error.message}"`;
      return reject(challenge, `invalid_token: ${error.message}`);
    }
  };

  async function verify(token: string): Promise<Record<string, unknown>> {
    if (token.split(".").length !== 3) throw new TokenError("token contains an invalid number of segments");
    if (!BASE64URL.test(token)) throw new TokenError("token is malformed"); // jose accepts spaces and padding
    const { alg, kid } = protectedHeaderOf(token);
    if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) throw new TokenError("signing method is invalid");
    if (typeof kid !== "string" || kid === "") throw new TokenError("token has no key id");
    const keySet = await keys();
    const { compactVerify } = await import("jose");
    const verified = await compactVerify(token, keySet, { algorithms: ALGORITHMS }).catch((error: Error) => {
      throw new TokenError("signature is invalid", { cause: error });
    });
    const payload = parseRecord(verified.payload);
    if (payload === undefined) throw new TokenError("token is malformed");
    return payload;
  }

  function check({ iss, aud, client_id, exp, nbf, iat }: Record<string, unknown>): void {
    const seconds = now() / 1000;
    if (iss !== issuer) throw new TokenError("issuer does not match");
    // A token without `aud`, such as Cognito's access tokens, is for the client that it was issued
    // to.
    const audience = aud === undefined ? [client_id] : [aud].flat();
    if (!audience.some((value) => audiences.includes(value as string)))
      throw new TokenError("the token does not have a valid audience");
    if (!(isTime(exp) && exp > seconds)) throw new TokenError("the token has expired");
    if (nbf !== undefined && !(isTime(nbf) && nbf <= seconds)) throw new TokenError("the token is not valid yet");
    if (iat !== undefined && !(isTime(iat) && iat <= seconds))
      throw new TokenError("the token was issued in the future");
  }
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Reports an invalid token. The texts are constant, because they go into a response header. */
class TokenError extends Error {
  override readonly name = "TokenError";
}

function reject(challenge: string, reason: string): Authorization {
  return { ok: false, error: { ...ERRORS.unauthorized, headers: { "www-authenticate": challenge } }, reason };
}

function forbid(scopes: string[]): Authorization {
  const challenge = `Bearer scope="${scopes.join(" ")}" error="insufficient_scope" error_description="${SCOPE}"`;
  return {
    ok: false,
    error: { ...ERRORS.forbidden, headers: { "www-authenticate": challenge } },
    reason: `insufficient_scope: ${SCOPE}`,
  };
}
const SCOPE = "the token does not have any of the required scopes";

/** Throws an Error for an identity source that JWT authorizers do not support. */
export function compileIdentitySource(source: string): (request: IncomingRequest) => string | undefined {
  const [, kind, name = ""] = /^\$request\.(header|querystring)\.([\w-]+)$/.exec(source) ?? [];
  if (kind === undefined)
    throw new Error(`identity source "${source}": expected $request.header.NAME or $request.querystring.NAME`);
  const find =
    kind === "header"
      ? (request: IncomingRequest) => headerOf(request, name.toLowerCase())
      : (request: IncomingRequest) => new URLSearchParams(request.query).get(name) ?? undefined;
  return (request) => find(request)?.replace(/^bearer( |$)/i, "");
}

function protectedHeaderOf(token: string): { alg?: unknown; kid?: unknown } {
  const header = parseRecord(Buffer.from(token.split(".", 1)[0] ?? "", "base64url"));
  if (header === undefined) throw new TokenError("token is malformed");
  return header;
}

function parseRecord(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
