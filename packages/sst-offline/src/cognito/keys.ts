import { createPrivateKey, generateKeyPair, randomBytes } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";

import type { JWK } from "jose";

import { isRecord } from "../kit/json";
import { readSecretFile, writeSecretFile } from "./secret-file";

/** Private keys, RSA of 2048 bits. Cognito signs its two kinds of token with two. */
export interface SigningKeys {
  idToken: SigningKey;
  accessToken: SigningKey;
}
type SigningKey = JWK & { kid: string };

/**
 * The keys of a pool. The first call makes them, and the pool's folder keeps them: a token stays
 * valid over a restart.
 */
export async function signingKeys(folder: string): Promise<SigningKeys> {
  const file = path.join(folder, "keys.json");
  const found = readSecretFile(file, areKeys);
  if (found !== undefined) return found;
  const [idToken, accessToken] = await Promise.all([newKey(), newKey()]);
  const others = readSecretFile(file, areKeys); // somebody else has made keys in the meantime
  if (others !== undefined) return others;
  const keys = { idToken, accessToken };
  writeSecretFile(file, keys);
  return keys;
}

/** The JWKS document. */
export function publicKeys({ idToken, accessToken }: SigningKeys): { keys: JWK[] } {
  const pick = ({ kid, n = "", e = "" }: SigningKey) => ({ alg: "RS256", e, kid, kty: "RSA", n, use: "sig" });
  return { keys: [pick(idToken), pick(accessToken)] };
}

async function newKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomBytes(32).toString("base64") };
}

function areKeys(value: unknown): value is SigningKeys {
  return isRecord(value) && [value.idToken, value.accessToken].every(isKey);
}

function isKey(value: unknown): boolean {
  if (!isRecord(value) || value.kty !== "RSA" || typeof value.kid !== "string") return false;
  try {
    return createPrivateKey({ key: value, format: "jwk" }).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
