import { createHash, randomBytes } from "node:crypto";
import path from "node:path";

import { isRecord, keep, kept } from "./kept";
import type { SignIn } from "./tokens";

/** What a code or a refresh token stands for. */
export interface Grant {
  clientId: string;
  signIn: SignIn;
  /** Epoch milliseconds. */
  expires: number;
}

/** What is remembered under a random name: in memory alone, each entry for the same time. */
export interface Pending<T> {
  add(entry: T): string;
  get(name: string): T | undefined;
  remove(name: string): void;
}

/**
 * @param lifetime milliseconds
 * @param now epoch milliseconds
 */
export function createPending<T>(lifetime: number, now: () => number): Pending<T> {
  const entries = new Map<string, { entry: T; expires: number }>();
  return {
    add(entry) {
      for (const [name, { expires }] of entries) if (expires <= now()) entries.delete(name);
      const name = randomName();
      entries.set(name, { entry, expires: now() + lifetime });
      return name;
    },
    get(name) {
      const found = entries.get(name);
      return found !== undefined && found.expires > now() ? found.entry : undefined;
    },
    remove: (name) => void entries.delete(name),
  };
}

/** Refresh tokens, of which the pool's folder keeps the hash: they stay good over a restart. */
export function createRefreshTokens(folder: string, now: () => number) {
  const file = path.join(folder, "sessions.json");
  const hashOf = (token: string) => createHash("sha256").update(token).digest("base64url");
  const read = () => kept(file, areGrants) ?? {};
  return {
    add(grant: Grant): string {
      const token = randomName();
      const valid = Object.entries(read()).filter(([, { expires }]) => expires > now());
      keep(file, { ...Object.fromEntries(valid), [hashOf(token)]: grant });
      return token;
    },
    get(token: string): Grant | undefined {
      const grant = read()[hashOf(token)];
      return grant !== undefined && grant.expires > now() ? grant : undefined;
    },
    remove(token: string): void {
      const { [hashOf(token)]: removed, ...others } = read();
      if (removed !== undefined) keep(file, others);
    },
  };
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

function randomName(): string {
  return randomBytes(32).toString("base64url");
}

function areGrants(value: unknown): value is Record<string, Grant> {
  return isRecord(value) && Object.values(value).every((grant) => isRecord(grant) && isRecord(grant.signIn));
}
