import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { resolve } from "@backend/sst-graph/resolve";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";

import { userPoolGraph } from "../../test/user-pool";
import { type AppClient, userPoolsOf } from "./pool";
import { createTokens, type SignIn } from "./tokens";

const issuer = "http://127.0.0.1:3002/eu-west-1_AbCdEfGhI";
const now = 1_700_000_000_000;
const signIn: SignIn = {
  person: { name: "ada", subject: "s-1", groups: [] },
  scopes: ["openid"],
  authTime: 1_699_999_000,
  originId: "o-1",
  eventId: "e-1",
};

let folder: string;
let client: AppClient;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "tokens-"));
  const [pool] = userPoolsOf(resolve(userPoolGraph()));
  const [first] = pool?.clients ?? [];
  if (first === undefined) throw new Error("expected a client in the graph");
  client = first;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("has the times of sign-in and issue in whole seconds", async () => {
  const tokens = createTokens(issuer, folder, () => now + 999);
  const claims = decodeJwt(await tokens.accessToken(client, signIn));
  expect(claims).toMatchObject({ auth_time: 1_699_999_000, iat: 1_700_000_000, exp: 1_700_000_900 });
});

it("accepts only its own access tokens that have not expired", async () => {
  const at = (time: number, by = issuer) => createTokens(by, folder, () => time);
  const token = await at(now).accessToken(client, signIn);
  expect(await at(now + 899_999).verifyAccessToken(token)).toMatchObject({ sub: "s-1" });
  expect(await at(now + 900_000).verifyAccessToken(token)).toBeUndefined();
  expect(await at(now, `${issuer}2`).verifyAccessToken(token)).toBeUndefined();
  expect(await at(now).verifyAccessToken(await at(now).idToken(client, signIn, token))).toBeUndefined();
  expect(await createTokens(issuer, path.join(folder, "other"), () => now).verifyAccessToken(token)).toBeUndefined();
});

it("creates its keys once, even with concurrent calls", async () => {
  const tokens = createTokens(issuer, path.join(folder, "once"), () => now);
  const [one, two] = await Promise.all([tokens.keys(), tokens.keys()]);
  expect(one).toBe(two);
});

// The console's tokens, the issuer and `pnpm offline token` read the keys separately.
it("has one set of keys, even if several processes create them at the same time", async () => {
  const fresh = path.join(folder, "fresh");
  const several = Array.from({ length: 3 }, () => createTokens(issuer, fresh, () => now));
  const [first, ...others] = await Promise.all(several.map((tokens) => tokens.keys()));
  for (const keys of others) expect(keys).toEqual(first);
});
