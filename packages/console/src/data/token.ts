/** Claims of a token, for display only: nothing here verifies them. */
export interface TokenClaims {
  subject: string;
  name: string | undefined;
  client: string;
  scopes: string[];
  groups: string[];
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Reads a token's claims. Returns undefined unless it is a JWT. */
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
 * Returns why API Gateway will reject a token, as far as its claims show.
 *
 * @param scopes that the route accepts; one is enough
 */
export function rejectionOf(
  claims: TokenClaims | undefined,
  scopes: string[],
  now = Date.now(),
): { status: number; message: string } | undefined {
  if (claims === undefined) return undefined;
  if (claims.expiresAt <= now) return { status: 401, message: "Your token has expired." };
  if (scopes.length === 0 || scopes.some((scope) => claims.scopes.includes(scope))) return undefined;
  return { status: 403, message: `Your token is missing the scope ${scopes.join(" or ")}.` };
}
