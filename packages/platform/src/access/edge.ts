import { createHash, timingSafeEqual } from "node:crypto";

import { AppError } from "../error";

/** What CloudFront adds to a request, by headers that replace whatever the caller sent under these names. */
export const EDGE_HEADERS = {
  /** Shows that a request came through the stage's own edge. */
  secret: "x-origin-secret",
  /** Address of the caller: the connection to the API is CloudFront's. */
  address: "x-viewer-address",
  /** Host that the caller asked. */
  host: "x-forwarded-host",
} as const;

/** Characters of a secret that nobody can guess. */
const SECRET = 32;

/**
 * Returns the secrets that the edge may send: the current one, and the one before it while it is
 * being replaced. Throws an Error if there are none: a function that was created without them must
 * not answer around the edge.
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

/** Throws an `AppError` for a request that did not come through the edge. Takes the same time for each that did not. */
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
