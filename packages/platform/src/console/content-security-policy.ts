/**
 * Returns the Content-Security-Policy of the console. The page runs only its own scripts and
 * styles, none of them inline, and cannot be framed. It sends requests only to its own origin and
 * `connect`.
 *
 * @param connect origins, or URLs that end in a slash and allow every path below
 * @see https://www.w3.org/TR/CSP3/
 */
export function contentSecurityPolicy(connect: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["connect-src 'self'", ...connect].join(" "),
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
