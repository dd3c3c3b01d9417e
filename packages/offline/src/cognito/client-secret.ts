import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import path from "node:path";

import { isRecord, keep, kept } from "./kept";

/** The secret of a client, made at the first call and kept in its pool's folder: the graph holds no secret. */
export function clientSecret(folder: string, clientId: string): string {
  const file = path.join(folder, "clients.json");
  const secrets = kept(file, areSecrets) ?? {};
  const found = secrets[clientId];
  if (found !== undefined) return found;
  const secret = randomBytes(32).toString("hex");
  keep(file, { ...secrets, [clientId]: secret });
  return secret;
}

/** Compares in a time that does not tell how much of it is right. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function areSecrets(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((secret) => typeof secret === "string");
}
