import { createHash, timingSafeEqual } from "node:crypto";

import { AppError } from "../error";

/** Headers that CloudFront adds to a request. They replace the caller's headers of these names. */
export const EDGE_HEADERS = {
  /** Proves that the request came through this stage's edge. */
  secret: "x-origin-secret",
  /** The caller's address. The connection to the API comes from CloudFront. */
  address: "x-viewer-address",
  /** The host name in the caller's request. */
  host: "x-forwarded-host",
} as const;

/** Fewest characters of a secret that cannot be guessed. */
const SECRET = 32;

/**
 * Returns the secrets that the edge may send: the current one, and the previous one during a
 * replacement. Throws an Error if there are none: a function without secrets would accept requests
 * that bypass the edge.
 *
 * @param text secrets separated by spaces; `none` for a stage without an edge
 */
export function edgeSecrets(text: string | undefined): string[] {
  if (text === undefined) throw new Error('ORIGIN_SECRETS is not set: expected the secrets of the edge, or "none"');
  if (text === "none") return [];
  const secrets = text.split(" ").filter((secret) => secret !== "");
  const short = secrets.find((secret) => secret.length < SECRET);
  if (secrets.length === 0 || short !== undefined) {
    throw new Error(`the edge's secret has ${short?.length ?? 0} characters: expected at least ${SECRET}`);
  }
  return secrets;
}

/**
 * Throws an `AppError` for a request that did not come through the edge. It compares in constant
 * time.
 */
export function requireEdge(secrets: string[], sent: string | undefined): void {
  const digest = digestOf(sent ?? "");
  const known = secrets.map((secret) => timingSafeEqual(digestOf(secret), digest));
  if (known.includes(true)) return;
  throw new AppError(
    "forbidden",
    "access.edge",
    "Use the API's public address. Requests that bypass CloudFront are rejected.",
  );
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
