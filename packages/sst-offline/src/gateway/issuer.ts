import type { createLocalJWKSet, JSONWebKeySet } from "jose";

/** Reports that the issuer's keys are not available. The message is API Gateway's. */
export class IssuerError extends Error {
  override readonly name = "IssuerError";
}

/** Looks up a key of an issuer, for jose. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html and http-api-quotas.html
const CACHE_MS = 2 * 60 * 60 * 1000;
const TIMEOUT_MS = 1500;
const DOCUMENT_LIMIT_BYTES = 150_000;

/**
 * Creates a source of the issuer's keys. It finds them through the discovery document and caches
 * them for two hours. It does not cache a failure.
 *
 * @param now returns epoch milliseconds
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
  const jose = await import("jose"); // loaded on demand: a start without tokens does not need it
  try {
    return jose.createLocalJWKSet(value as JSONWebKeySet);
  } catch (error) {
    throw new IssuerError("JWKS communication error", { cause: error });
  }
}

async function json(url: string, failure: string): Promise<object> {
  try {
    if (!/^https?:/.test(url)) throw new Error(`${url}: expected an HTTP URL`);
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
    if (length > DOCUMENT_LIMIT_BYTES) throw new Error(`${response.url}: more than ${DOCUMENT_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
