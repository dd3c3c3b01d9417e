/** Claims in a function's event, where every value is a string. */
export type Claims = Record<string, string>;

/**
 * Renders a token's claims as API Gateway does: numbers and booleans as text, arrays as `[a b]`,
 * objects as JSON. It omits null. Source: measured on an API with Cognito (floci's
 * JwtClaimsWireFormatTest).
 */
export function renderClaims(payload: Record<string, unknown>): Claims {
  const claims: Claims = Object.create(null);
  for (const [name, value] of Object.entries(payload)) {
    if (value !== null) claims[name] = text(value);
  }
  return claims;
}

function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Returns the scopes of a token, from `scope`, separated by spaces, or `scp`. */
export function scopesOf({ scope, scp }: Record<string, unknown>): string[] {
  const value = scope ?? scp;
  if (Array.isArray(value)) return value.filter((item) => typeof item === "string");
  return typeof value === "string" ? value.split(" ").filter(Boolean) : [];
}
