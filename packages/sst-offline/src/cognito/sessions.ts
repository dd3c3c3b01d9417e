import { createHash, randomBytes } from "node:crypto";
import path from "node:path";

import { isRecord } from "../kit/json";
import { readSecretFile, writeSecretFile } from "./secret-file";
import type { SignIn } from "./tokens";

/** The sign-in that a refresh token renews. */
export interface Grant {
  clientId: string;
  signIn: SignIn;
  /** Epoch milliseconds. */
  expires: number;
}

/** Entries with random names, kept in memory for a limited time. */
export interface Pending<T> {
  add(entry: T): string;
  get(name: string): T | undefined;
  remove(name: string): void;
}

/**
 * Limits the entries and their size as JSON, because any page can start sign-ins. The oldest
 * entries are dropped first.
 */
const MAX_ENTRIES = 1_000;
const MAX_BYTES = 1024 * 1024;

/**
 * @param lifetime milliseconds
 * @param now epoch milliseconds
 */
export function createPending<T>(lifetime: number, now: () => number): Pending<T> {
  const entries = new Map<string, { entry: T; bytes: number; expires: number }>();
  let bytes = 0;
  return { add, get, remove };

  function add(entry: T): string {
    const name = randomName();
    const size = sizeOf(entry);
    entries.set(name, { entry, bytes: size, expires: now() + lifetime });
    bytes += size;
    dropOldest();
    return name;
  }

  function get(name: string): T | undefined {
    const found = entries.get(name);
    return found !== undefined && found.expires > now() ? found.entry : undefined;
  }

  function remove(name: string): void {
    bytes -= entries.get(name)?.bytes ?? 0;
    entries.delete(name);
  }

  /** Entries are in order of age. */
  function dropOldest(): void {
    for (const [name, { expires }] of entries) {
      if (expires > now() && entries.size <= MAX_ENTRIES && bytes <= MAX_BYTES) return;
      remove(name);
    }
  }
}

/**
 * Creates the store of refresh tokens. It saves their hashes, so they stay valid after a restart.
 */
export function createRefreshTokens(folder: string, now: () => number) {
  const file = path.join(folder, "sessions.json");
  const hashOf = (token: string) => createHash("sha256").update(token).digest("base64url");
  const read = () => readSecretFile(file, areGrants) ?? {};
  return {
    add(grant: Grant): string {
      const token = randomName();
      const valid = Object.entries(read()).filter(([, { expires }]) => expires > now());
      writeSecretFile(file, Object.fromEntries(newest([...valid, [hashOf(token), grant]])));
      return token;
    },
    get(token: string): Grant | undefined {
      const grants = read();
      const hash = hashOf(token);
      const grant = Object.hasOwn(grants, hash) ? grants[hash] : undefined;
      return grant !== undefined && grant.expires > now() ? grant : undefined;
    },
    /** Signs a person out everywhere. */
    removeAllOf(subject: string): void {
      const others = Object.entries(read()).filter(([, { signIn }]) => signIn.person.subject !== subject);
      writeSecretFile(file, Object.fromEntries(others));
    },
    remove(token: string): void {
      const { [hashOf(token)]: removed, ...others } = read();
      if (removed !== undefined) writeSecretFile(file, others);
    },
  };
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

/** Returns the newest grants within the limits. The list is ordered by age. */
function newest(grants: [string, Grant][]): [string, Grant][] {
  let bytes = 0;
  const recent = grants.slice(-MAX_ENTRIES).reverse();
  const tooMany = recent.findIndex(([, grant]) => {
    bytes += sizeOf(grant);
    return bytes > MAX_BYTES;
  });
  return recent.slice(0, tooMany < 0 ? undefined : tooMany).reverse();
}

function sizeOf(entry: unknown): number {
  return Buffer.byteLength(JSON.stringify(entry));
}

function randomName(): string {
  return randomBytes(32).toString("base64url");
}

function areGrants(value: unknown): value is Record<string, Grant> {
  return isRecord(value) && Object.values(value).every(isGrant);
}

function isGrant(value: unknown): value is Grant {
  return isRecord(value) && typeof value.clientId === "string" && isNumber(value.expires) && isSignIn(value.signIn);
}

function isSignIn(value: unknown): value is SignIn {
  if (!isRecord(value) || !isRecord(value.person)) return false;
  const { name, subject, groups } = value.person;
  const texts = [name, subject, value.originId, value.eventId];
  return (
    texts.every((text) => typeof text === "string") &&
    areTexts(groups) &&
    areTexts(value.scopes) &&
    isNumber(value.authTime)
  );
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
