/**
 * What the console's page may do: run its own scripts and styles, and send requests to its own origin and to those named. Nothing
 * inline, nothing from elsewhere, in nobody's frame.
 *
 * @param connect origins, or addresses that end in a slash for all that is below them
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
