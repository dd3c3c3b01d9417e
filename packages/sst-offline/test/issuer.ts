import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT } from "jose";

export interface TestIssuer {
  url: string;
  /** Signs a token. `claims` and `header` add to those of a valid token, or replace them. */
  token(claims?: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>;
  /** Signs a token with these bytes as payload. */
  sign(payload: Uint8Array): Promise<string>;
  /** The public key in PEM. */
  publicKey: string;
  /** Replaces the key by another one with another id. */
  rotate(): Promise<void>;
  /** Responses in place of the issuer's documents: a status, a body, or no response. */
  replies: { discovery?: Reply; jwks?: Reply };
  /** Number of requests for the keys. */
  fetches(): number;
  close(): Promise<void>;
}

type Reply = string | number | "silence";

export const AUDIENCE = "client-1";

/** Starts an OIDC issuer on loopback, with discovery, one RSA key and tokens. */
export async function startIssuer(): Promise<TestIssuer> {
  let generation = 0;
  let fetches = 0;
  let pair = await newPair();
  const replies: TestIssuer["replies"] = {};
  const server = createServer(async (request, response) => {
    const isKeys = request.url === "/jwks";
    if (isKeys) fetches++;
    const instead = isKeys ? replies.jwks : replies.discovery;
    if (!isKeys && request.url !== "/.well-known/openid-configuration") return void response.writeHead(404).end();
    if (instead === "silence") return;
    if (typeof instead === "number") response.writeHead(instead);
    const key = { ...(await exportJWK(pair.publicKey)), kid: `key-${generation}`, use: "sig" };
    const document = isKeys ? { keys: [key] } : { issuer: url, jwks_uri: `${url}/jwks` };
    response.end(typeof instead === "string" ? instead : JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    replies,
    publicKey: JSON.stringify(await exportJWK(pair.publicKey)),
    fetches: () => fetches,
    async token(claims = {}, header = {}) {
      const seconds = Math.floor(Date.now() / 1000);
      const good = { iss: url, aud: AUDIENCE, sub: "ada", iat: seconds, exp: seconds + 600 };
      const payload = Object.fromEntries(
        Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined),
      );
      const alg = header.alg ?? "RS256";
      const key = alg.startsWith("RS") ? await importJWK(await exportJWK(pair.privateKey), alg) : pair.privateKey;
      return await new SignJWT(payload)
        .setProtectedHeader({ alg: "RS256", kid: `key-${generation}`, ...header })
        .sign(key);
    },
    async sign(payload) {
      return await new CompactSign(payload)
        .setProtectedHeader({ alg: "RS256", kid: `key-${generation}` })
        .sign(pair.privateKey);
    },
    async rotate() {
      generation++;
      pair = await newPair();
    },
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

function newPair() {
  return generateKeyPair("RS256", { extractable: true });
}
