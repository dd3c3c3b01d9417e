/** What a token says of itself, for the eyes of its holder: nobody has verified it here. */
export interface TokenClaims {
  subject: string;
  name: string | undefined;
  client: string;
  scopes: string[];
  groups: string[];
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** `undefined` for anything but a JWT. */
export function claimsOf(token: string): TokenClaims | undefined {
  try {
    const [, payload = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const groups = claims["cognito:groups"];
    return {
      subject: String(claims.sub ?? ""),
      name: typeof claims.username === "string" ? claims.username : undefined,
      client: String(claims.client_id ?? ""),
      scopes: String(claims.scope ?? "")
        .split(" ")
        .filter(Boolean),
      groups: Array.isArray(groups) ? groups.map(String) : [],
      expiresAt: Number(claims.exp) * 1000,
    };
  } catch {
    return undefined;
  }
}

/**
 * Why API Gateway refuses a token, as far as the token itself tells.
 *
 * @param scopes of the route; one of them is enough
 */
export function lackOf(
  claims: TokenClaims | undefined,
  scopes: string[],
  now = Date.now(),
): { status: number; words: string } | undefined {
  if (claims === undefined) return undefined;
  if (claims.expiresAt <= now) return { status: 401, words: "The token has expired: API Gateway refuses it." };
  if (scopes.length === 0 || scopes.some((scope) => claims.scopes.includes(scope))) return undefined;
  return { status: 403, words: `The token lacks the scope ${scopes.join(" or ")}: API Gateway refuses it.` };
}
