import type { createLocalJWKSet, JSONWebKeySet } from "jose";

/** The keys of an issuer cannot be had; the message is what API Gateway says then. */
export class IssuerError extends Error {
  override readonly name = "IssuerError";
}

/** Looks a key up among those of an issuer, as jose wants it. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html and http-api-quotas.html
const CACHE_MS = 2 * 60 * 60 * 1000;
const TIMEOUT_MS = 1500;
const LIMIT_BYTES = 150_000;

/**
 * The keys of an issuer, found by its discovery document and kept for two hours. A failure is not kept.
 *
 * @param now epoch milliseconds
 * @returns a function that throws an IssuerError
 */
export function createKeySource(issuer: string, now: () => number): () => Promise<KeySet> {
  let cached: { keys: KeySet; until: number } | undefined;
  let loading: Promise<KeySet> | undefined;

  return async function keys() {
    if (cached !== undefined && now() < cached.until) return cached.keys;
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return await loading;
  };

  async function load(): Promise<KeySet> {
    const discovery = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const { jwks_uri: uri } = (await json(discovery, "OIDC discovery endpoint communication error")) as {
      jwks_uri?: unknown;
    };
    if (typeof uri !== "string") throw new IssuerError("OIDC discovery endpoint communication error");
    const keys = await keySetOf(await json(uri, "JWKS communication error"));
    cached = { keys, until: now() + CACHE_MS };
    return keys;
  }
}

async function keySetOf(value: unknown): Promise<KeySet> {
  const jose = await import("jose"); // on demand: a start without tokens does without
  try {
    return jose.createLocalJWKSet(value as JSONWebKeySet);
  } catch (error) {
    throw new IssuerError("JWKS communication error", { cause: error });
  }
}

async function json(url: string, failure: string): Promise<object> {
  try {
    if (!/^https?:/.test(url)) throw new Error(`${url}: expected an address of HTTP`);
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${url}: status ${response.status}`);
    return Object(JSON.parse(await readLimited(response)));
  } catch (error) {
    throw new IssuerError(failure, { cause: error });
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LIMIT_BYTES) throw new Error(`${response.url}: more than ${LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
