import { generateKeyPair, randomBytes } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";

import type { JWK } from "jose";

import { isRecord, keep, kept } from "./kept";

/** Private keys, RSA of 2048 bits. Cognito signs its two kinds of token with two. */
export interface SigningKeys {
  idToken: SigningKey;
  accessToken: SigningKey;
}
type SigningKey = JWK & { kid: string };

/** The keys of a pool, made at the first call and kept in its folder: a token stays good over a restart. */
export async function signingKeys(folder: string): Promise<SigningKeys> {
  const file = path.join(folder, "keys.json");
  const found = kept(file, areKeys);
  if (found !== undefined) return found;
  const [idToken, accessToken] = await Promise.all([newKey(), newKey()]);
  const keys = { idToken, accessToken };
  keep(file, keys);
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
  return (
    isRecord(value) && value.kty === "RSA" && ["kid", "n", "e", "d"].every((name) => typeof value[name] === "string")
  );
}
