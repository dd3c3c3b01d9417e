import { connect } from "node:net";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { authorizeUrl, formToken, post, serveUserPool, type TestPool } from "../../test/user-pool";

let pool: TestPool;
beforeAll(async () => {
  pool = await serveUserPool();
});
afterAll(() => pool.close());

const PATHS = [
  "",
  "/",
  "/.well-known/openid-configuration",
  "/.well-known/jwks.json",
  "/oauth2/token",
  "/oauth2/revoke",
  "/oauth2/userInfo",
  "/oauth2/authorize",
  "/login",
  "/logout",
  "/constructor",
  "/__proto__",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"];

/** Sends these bytes, and returns the received bytes when the server ends the connection. */
async function exchange(text: string): Promise<string> {
  const socket = connect(Number(new URL(pool.issuer).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

describe("an issuer responds to", () => {
  it.each(PATHS.flatMap((path) => METHODS.map((method) => [method, path] as const)))("%s %s", async (method, path) => {
    const own = new URL(pool.issuer).origin;
    for (const headers of [{}, { origin: own }]) {
      const response = await fetch(`${pool.issuer}${path}`, { method, headers, redirect: "manual" });
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).not.toMatch(/^\s+at /m);
    }
  });

  it("any form and any query", async () => {
    const words = fc.constantFrom(
      "code",
      "token",
      "client_credentials",
      "authorization_code",
      "refresh_token",
      "S256",
      "none",
      "openid",
    );
    const names = [
      "grant_type",
      "client_id",
      "client_secret",
      "code",
      "redirect_uri",
      "code_verifier",
      "refresh_token",
      "scope",
      "token",
      "_csrf",
      "username",
      "group",
      "runtime-groups",
      "response_type",
      "state",
      "nonce",
      "code_challenge",
      "code_challenge_method",
      "prompt",
      "logout_uri",
    ];
    const value = fc.oneof(
      words,
      fc.constantFrom(pool.ids.web, pool.ids.server, "http://localhost:5173/callback", "com.example.app://signed-in"),
      fc.string({ unit: "binary", maxLength: 20 }),
    );
    const fields = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), fields, async (path, pairs) => {
        const usable = pairs.filter(([, text]) => !/\p{Surrogate}/u.test(text));
        const asked = await fetch(`${pool.issuer}${path}?${new URLSearchParams(usable)}`, { redirect: "manual" });
        const sent = await post(`${pool.issuer}${path}`, usable);
        for (const { status } of [asked, sent]) expect(status).toBeLessThan(500);
        await Promise.all([asked.text(), sent.text()]);
      }),
      { numRuns: 50 },
    );
  });

  it("a body that is too long, one that never ends, and one that is not a form, and keeps serving", async () => {
    const { pathname, host } = new URL(pool.issuer);
    const head = (type: string, length: number) =>
      `POST ${pathname}/oauth2/token HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-type: ` +
      `${type}\r\ncontent-length: ${length}\r\n\r\n`;
    const form = "application/x-www-form-urlencoded";
    expect(await exchange(head(form, 70_000) + "x".repeat(70_000))).toMatch(/^HTTP\/1.1 400 /);
    expect(await exchange(`${head("multipart/form-data", 3)}a=b`)).toMatch(/^HTTP\/1.1 400 /);
    for (const path of ["/oauth2/token", "/oauth2/revoke", "/login"]) {
      const socket = connect(Number(new URL(pool.issuer).port), "127.0.0.1");
      const text = head(form, 100).replace("/oauth2/token", path);
      await new Promise<void>((sent) => socket.write(`${text}a=b`, () => sent()));
      socket.resetAndDestroy();
    }
    expect((await fetch(`${pool.issuer}/.well-known/jwks.json`)).status).toBe(200);
  });
});

describe("sign-in pages that are never submitted", () => {
  it("do not accumulate: the oldest ones are dropped, and the newest one works", async () => {
    const state = "x".repeat(14_000);
    const oldest = await formToken(authorizeUrl(pool, { state }));
    for (let page = 0; page < 80; page++) await (await fetch(authorizeUrl(pool, { state }))).text();
    const newest = await formToken(authorizeUrl(pool, { state }));
    const login = async (token: string) =>
      (await post(`${pool.issuer}/login`, { _csrf: token, username: "ada" })).status;
    expect([await login(oldest), await login(newest)]).toEqual([400, 302]);
  });
});
