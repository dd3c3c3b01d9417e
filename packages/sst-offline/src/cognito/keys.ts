import { createPrivateKey, generateKeyPair, randomBytes } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";

import type { JWK } from "jose";

import { isRecord } from "../kit/json";
import { readSecretFile, writeSecretFile } from "./secret-file";

/** Private RSA keys of 2048 bits. Cognito has a separate key for each kind of token. */
export interface SigningKeys {
  idToken: SigningKey;
  accessToken: SigningKey;
}
type SigningKey = JWK & { kid: string };

/**
 * Returns the keys of a pool. The first call creates them in the pool's folder, so that tokens stay
 * valid after a restart.
 */
export async function signingKeys(folder: string): Promise<SigningKeys> {
  const file = path.join(folder, "keys.json");
  const found = readSecretFile(file, areKeys);
  if (found !== undefined) return found;
  const [idToken, accessToken] = await Promise.all([newKey(), newKey()]);
  const others = readSecretFile(file, areKeys); // another process has created keys in the meantime
  if (others !== undefined) return others;
  const keys = { idToken, accessToken };
  writeSecretFile(file, keys);
  return keys;
}

/** Returns the JWKS document. */
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
