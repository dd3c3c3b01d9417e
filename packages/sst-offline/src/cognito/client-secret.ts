import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import path from "node:path";

import { isRecord } from "../kit/json";
import { readSecretFile, writeSecretFile } from "./secret-file";

/** Secrets by client id: values by secret id, or a single value in the format of older versions. */
type Secrets = Record<string, string | Record<string, string>>;

export interface ClientSecret {
  /** `<client id>--<epoch seconds of its creation>` */
  id: string;
  value: string;
}

/**
 * Returns the secrets of a client with a secret, oldest first. The first call creates one, because
 * the graph contains no secret.
 */
export function clientSecrets(folder: string, clientId: string, now: () => number = Date.now): ClientSecret[] {
  const found = readSecrets(folder)[clientId];
  if (found === undefined) return [addClientSecret(folder, clientId, { now })];
  return typeof found === "string" ? [{ id: `${clientId}--0`, value: found }] : listOf(found);
}

/** Adds a secret to those of the client. */
export function addClientSecret(
  folder: string,
  clientId: string,
  { now = Date.now, value = randomBytes(32).toString("hex") }: { now?: () => number; value?: string | undefined } = {},
): ClientSecret {
  const others = readSecrets(folder)[clientId] === undefined ? [] : clientSecrets(folder, clientId);
  const id = unusedId(clientId, Math.floor(now() / 1000), others);
  writeSecrets(folder, clientId, [...others, { id, value }]);
  return { id, value };
}

export function removeClientSecret(folder: string, clientId: string, secretId: string): void {
  const others = clientSecrets(folder, clientId).filter(({ id }) => id !== secretId);
  writeSecrets(folder, clientId, others);
}

/** True for a secret of the client. */
export function isClientSecret(folder: string, clientId: string, given: string): boolean {
  return clientSecrets(folder, clientId).filter(({ value }) => isSame(given, value)).length > 0;
}

/** Compares two texts in constant time. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function unusedId(clientId: string, seconds: number, others: ClientSecret[]): string {
  const id = `${clientId}--${seconds}`;
  return others.some((other) => other.id === id) ? unusedId(clientId, seconds + 1, others) : id;
}

function listOf(secrets: Record<string, string>): ClientSecret[] {
  return Object.entries(secrets).map(([id, value]) => ({ id, value }));
}

function readSecrets(folder: string): Secrets {
  return readSecretFile(fileIn(folder), areSecrets) ?? {};
}

function writeSecrets(folder: string, clientId: string, secrets: ClientSecret[]): void {
  const byId = Object.fromEntries(secrets.map(({ id, value }) => [id, value]));
  writeSecretFile(fileIn(folder), { ...readSecrets(folder), [clientId]: byId });
}

function fileIn(folder: string): string {
  return path.join(folder, "clients.json");
}

function areSecrets(value: unknown): value is Secrets {
  const isSecret = (secret: unknown) => typeof secret === "string" && secret !== "";
  const isEntry = (entry: unknown) => isSecret(entry) || (isRecord(entry) && Object.values(entry).every(isSecret));
  return isRecord(value) && Object.values(value).every(isEntry);
}
