import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import path from "node:path";

import { isRecord } from "../kit/json";
import { readSecretFile, writeSecretFile } from "./secret-file";

/**
 * The secret of a client. The first call makes it, and the pool's folder keeps it: the graph holds
 * no secret.
 */
export function clientSecret(folder: string, clientId: string): string {
  const file = path.join(folder, "clients.json");
  const secrets = readSecretFile(file, areSecrets) ?? {};
  const found = secrets[clientId];
  if (found !== undefined) return found;
  const secret = randomBytes(32).toString("hex");
  writeSecretFile(file, { ...secrets, [clientId]: secret });
  return secret;
}

/** Compares in a time that does not depend on how much is right. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function areSecrets(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((secret) => typeof secret === "string" && secret !== "");
}
