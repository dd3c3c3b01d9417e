import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import type { Resource } from "@backend/sst-graph/graph";
import { resolve } from "@backend/sst-graph/resolve";
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  authorizeUrl,
  CALLBACK,
  claimsOf,
  type Fields,
  PAGE,
  post,
  serveUserPool,
  signIn,
  type TestPool,
  userPoolGraph,
  VERIFIER,
} from "../../test/user-pool";
import { createAuthorizer } from "../gateway/authorizer";
import type { IncomingRequest } from "../kit/http-message";
import { poolFolder } from "./places";
import { userPoolsOf } from "./pool";
import { openUserPools } from "./service";

let pool: TestPool;
beforeAll(async () => {
  pool = await serveUserPool();
});
afterAll(() => pool.close());

async function machineToken(of = pool): Promise<string> {
  const credentials = { client_id: of.ids.machine, client_secret: of.secretOf(of.ids.machine) };
  const response = await post(`${of.issuer}/oauth2/token`, { grant_type: "client_credentials", ...credentials });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function personToken(fields: Fields = [], scope?: string): Promise<string> {
  const { searchParams } = await signIn(pool, authorizeUrl(pool, { scope }), fields);
  const code = searchParams.get("code") ?? "";
  const grant = { grant_type: "authorization_code", client_id: pool.ids.web, redirect_uri: CALLBACK };
  const response = await post(`${pool.issuer}/oauth2/token`, { ...grant, code, code_verifier: VERIFIER });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function publishedKeys(): Promise<{ keys: { kid: string; kty: string; n: string }[] }> {
  const response = await fetch(`${pool.issuer}/.well-known/jwks.json`);
  return (await response.json()) as Awaited<ReturnType<typeof publishedKeys>>;
}

describe("openid-client, an independent client", () => {
  const insecure = { execute: [oidc.allowInsecureRequests] };

  it("discovers the issuer, signs in, renews, reads the user info, and signs out", async () => {
    const config = await oidc.discovery(new URL(pool.issuer), pool.ids.web, undefined, oidc.None(), insecure);
    expect(config.serverMetadata().issuer).toBe(pool.issuer);
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: "openid audit/read",
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const back = await signIn(pool, url.href, [
      ["username", "ada"],
      ["group", "writers"],
    ]);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    oidc.enableNonRepudiationChecks(config); // or the ID token's signature would not be looked at
    const tokens = await oidc.authorizationCodeGrant(config, back, checks);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ "cognito:username": "ada", "cognito:groups": ["writers"], token_use: "id" });
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(renewed.claims()?.sub).toBe(claims?.sub);
    const info = await oidc.fetchUserInfo(config, renewed.access_token, claims?.sub ?? "");
    expect(info).toEqual({ sub: claims?.sub, username: "ada" });
    await oidc.tokenRevocation(config, tokens.refresh_token ?? "");
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it.each([
    ["Basic", oidc.ClientSecretBasic],
    ["in the body", oidc.ClientSecretPost],
  ])("gets a machine's token with credentials: %s", async (_title, authentication) => {
    const secret = pool.secretOf(pool.ids.machine);
    const url = new URL(pool.issuer);
    const config = await oidc.discovery(url, pool.ids.machine, undefined, authentication(secret), insecure);
    const { access_token, token_type } = await oidc.clientCredentialsGrant(config, { scope: "audit/write" });
    expect([token_type, claimsOf(access_token).scope]).toEqual(["bearer", "audit/write"]);
  });
});

describe("a token", () => {
  it("is signed with the published key for its kind", async () => {
    const keys = createRemoteJWKSet(new URL(`${pool.issuer}/.well-known/jwks.json`));
    const { protectedHeader, payload } = await jwtVerify(await machineToken(), keys, {
      issuer: pool.issuer,
      algorithms: ["RS256"],
      currentDate: new Date(pool.clock.now),
    });
    expect(payload.token_use).toBe("access");
    const published = await publishedKeys();
    // Members as in
    // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
    const key = { kid: expect.any(String), alg: "RS256", kty: "RSA", e: "AQAB", n: expect.any(String), use: "sig" };
    expect(published).toEqual({ keys: [key, key] });
    expect(published.keys.map(({ n }) => Buffer.from(n, "base64url").length * 8)).toEqual([2048, 2048]);
    expect(published.keys[0]?.kid).not.toBe(published.keys[1]?.kid);
    expect(protectedHeader.kid).toBe(published.keys[1]?.kid);
  });

  it("passes the API's authorizer, with groups in the form [a b]", async () => {
    const declared = { identitySource: "$request.header.Authorization", issuer: pool.issuer };
    const audiences = [pool.ids.web, pool.ids.machine];
    const authorize = createAuthorizer({ ...declared, audiences }, () => pool.clock.now);
    const ask = async (token: string, scopes: string[]) => {
      const rawHeaders = ["Authorization", `Bearer ${token}`];
      return await authorize({ rawHeaders } as Partial<IncomingRequest> as IncomingRequest, scopes);
    };
    const person = await personToken([
      ["username", "ada"],
      ["group", "writers"],
      ["runtime-groups", "tenant:acme"],
    ]);
    expect(await ask(person, ["audit/read"])).toMatchObject({
      ok: true,
      claims: { "cognito:groups": "[writers tenant:acme]", username: "ada", version: "2" },
      scopes: ["openid", "audit/read", "audit/write"],
    });
    expect(await ask(await machineToken(), ["audit/write"])).toMatchObject({
      ok: true,
      claims: { sub: pool.ids.machine, client_id: pool.ids.machine, scope: "audit/read audit/write" },
    });
    expect(await ask(await machineToken(), ["traffic/read"])).toMatchObject({ ok: false });
  });
});

describe("stored state", () => {
  it("has the same keys and secrets after a restart", async () => {
    const before = await machineToken();
    const secret = pool.secretOf(pool.ids.machine);
    pool.restart();
    const published = await publishedKeys();
    const options = { currentDate: new Date(pool.clock.now) };
    await expect(jwtVerify(before, createLocalJWKSet(published), options)).resolves.toBeDefined();
    expect(pool.secretOf(pool.ids.machine)).toBe(secret);
    await expect(machineToken()).resolves.toBeDefined();
  });

  it("is readable only by the current user, and differs between clients", async () => {
    await personToken();
    for (const name of ["keys.json", "clients.json", "sessions.json"]) {
      expect([name, statSync(path.join(pool.kept, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    expect(statSync(pool.kept).mode & 0o777).toBe(0o700);
    expect(pool.secretOf(pool.ids.machine)).toMatch(/^[0-9a-f]{64}$/);
    expect(pool.secretOf(pool.ids.machine)).not.toBe(pool.secretOf(pool.ids.server));
  });

  it("contains only hashes of refresh tokens", async () => {
    const { searchParams } = await signIn(pool, authorizeUrl(pool));
    const grant = { grant_type: "authorization_code", client_id: pool.ids.web, redirect_uri: CALLBACK };
    const code = searchParams.get("code") ?? "";
    const response = await post(`${pool.issuer}/oauth2/token`, { ...grant, code, code_verifier: VERIFIER });
    const { refresh_token } = (await response.json()) as { refresh_token: string };
    expect(refresh_token).toMatch(/^[\w-]{43}$/);
    expect(readFileSync(path.join(pool.kept, "sessions.json"), "utf8")).not.toContain(refresh_token);
  });

  it("is created at the first call", async () => {
    const fresh = await serveUserPool();
    expect(() => statSync(fresh.kept)).toThrow("ENOENT");
    expect((await fetch(`${fresh.issuer}/.well-known/openid-configuration`)).status).toBe(200);
    expect(() => statSync(fresh.kept)).toThrow("ENOENT");
    await fresh.close();
  });

  // A value with the members of a key that is not a key.
  const key = '{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB","d":"AQAB"}';
  const grant = '{"clientId":"web","expires":1e15,"signIn":{"person":{"name":"ada"}}}';
  it.each([
    ...["", "{", "[]", "null", '{"idToken":{},"accessToken":{}}', `{"idToken":${key},"accessToken":${key}}`].map(
      (text) => ["keys.json", text],
    ),
    ...["", "null", "[]", '{"x":1}'].map((text) => ["clients.json", text]),
    ...["", "null", "[1]", '{"x":{}}', `{"x":${grant}}`].map((text) => ["sessions.json", text]),
  ] as [string, string][])(
    "is named when it is damaged, and read again when that is mended: %s with %j",
    async (name, contents) => {
      await personToken();
      const file = path.join(pool.kept, name);
      const fields = { refresh_token: "x", client_id: pool.ids.web };
      const ask = {
        "keys.json": () => fetch(`${pool.issuer}/.well-known/jwks.json`),
        "clients.json": () =>
          post(`${pool.issuer}/oauth2/token`, { client_secret: "x", client_id: pool.ids.machine, grant_type: "x" }),
        "sessions.json": () => post(`${pool.issuer}/oauth2/token`, { grant_type: "refresh_token", ...fields }),
      }[name];
      const intact = readFileSync(file);
      writeFileSync(file, contents);
      pool.restart();
      const response = await ask?.();
      expect([response?.status, await response?.json()]).toEqual([
        500,
        {
          error: "server_error",
          error_description: expect.stringMatching(new RegExp(`^${file} is damaged \\(.+\\): `)),
        },
      ]);
      writeFileSync(file, intact);
      expect((await ask?.())?.status).toBeLessThan(500);
    },
  );
});

describe("a page", () => {
  const endpoints = ["/.well-known/openid-configuration", "/.well-known/jwks.json"];

  it.each(endpoints)("that uses the sign-in may read %s", async (endpoint) => {
    const response = await fetch(`${pool.issuer}${endpoint}`, { headers: { origin: PAGE } });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, PAGE]);
    expect(response.headers.get("vary")).toBe("origin");
  });

  it("that uses the sign-in may request tokens, with a preflight if needed", async () => {
    const { searchParams } = await signIn(pool, authorizeUrl(pool));
    const code = searchParams.get("code") ?? "";
    const grant = { grant_type: "authorization_code", client_id: pool.ids.web, redirect_uri: CALLBACK };
    const fields = { ...grant, code, code_verifier: VERIFIER };
    const response = await post(`${pool.issuer}/oauth2/token`, fields, { origin: PAGE });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, PAGE]);
    const refused = await post(`${pool.issuer}/oauth2/token`, fields, { origin: PAGE });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, PAGE]);
    const preflight = await fetch(`${pool.issuer}/oauth2/userInfo`, { method: "OPTIONS", headers: { origin: PAGE } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, POST");
    expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization, content-type");
  });

  it("must be local, and belong to a client without a secret that uses the sign-in", async () => {
    const urls = ["http://127.0.0.1:5175/a", CALLBACK, `${PAGE}/b`, "com.example.app://x", "https://localhost:5173/x"];
    const graph = userPoolGraph({
      WebClient: { callbackUrls: [...urls, "https://console.example.com/callback", "http://localhost.example.com/x"] },
      FixtureMachine: { callbackUrls: ["http://localhost:1/machine"], generateSecret: false },
      Server: { callbackUrls: ["http://localhost:2/server"] },
    });
    const { origins } = openUserPools(userPoolsOf(resolve(graph)), pool.project, pool.endpointUrl);
    expect(origins).toEqual(["http://127.0.0.1:5175", PAGE]);
  });

  it("of any other origin is rejected, even without a guard", async () => {
    const { issuer } = pool;
    const bare = openUserPools(
      userPoolsOf(resolve(userPoolGraph())),
      path.join(pool.project, "bare"),
      pool.endpointUrl,
    );
    const server = createServer((request, response) => void bare.handle(request, response));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(issuer).pathname}`;
    for (const origin of ["http://evil.example", "http://localhost:5174", "null", `${PAGE}.evil.example`]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        for (const endpoint of [...endpoints, "/oauth2/token", "/oauth2/userInfo", "/login", "/oauth2/authorize"]) {
          const response = await fetch(`${url}${endpoint}`, { method, headers: { origin } });
          expect([endpoint, response.status]).toEqual([endpoint, 403]);
          expect(response.headers.get("access-control-allow-origin")).toBeNull();
        }
      }
    }
    await new Promise((closed) => server.close(closed).closeAllConnections());
  });
});

describe("userInfo", () => {
  const ask = (authorization?: string) =>
    fetch(`${pool.issuer}/oauth2/userInfo`, { headers: authorization === undefined ? {} : { authorization } });

  it("returns the user of a token", async () => {
    const token = await personToken();
    const response = await ask(`Bearer ${token}`);
    expect([response.status, await response.json()]).toEqual([200, { sub: claimsOf(token).sub, username: "ada" }]);
  });

  it("is rejected without a user's valid access token", async () => {
    const token = await personToken();
    const forged = token.replace(/.{4}$/, "AAAA");
    const others = [forged, await machineToken(), await personToken([], "audit/read")];
    for (const bad of [undefined, "Basic x", "Bearer x", ...others.map((other) => `Bearer ${other}`)]) {
      const response = await ask(bad);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token", error_description="/);
    }
    pool.clock.now += 15 * 60 * 1000;
    expect((await ask(`Bearer ${token}`)).status).toBe(401);
  });
});

describe("a path", () => {
  it("is served only below a pool", () => {
    const { pathname } = new URL(pool.issuer);
    expect(["", "/oauth2/token", "/x"].map((below) => pool.pools.serves(pathname + below))).toEqual([true, true, true]);
    expect(["/", "", `${pathname}x`, "/eu-west-1_000000000/login"].map(pool.pools.serves)).toEqual(
      Array(4).fill(false),
    );
  });

  it("that an issuer does not have gets 404", async () => {
    for (const below of ["", "/", "/x", "/oauth2/token/", "/.well-known/openid-configuration/"]) {
      const response = await fetch(`${pool.issuer}${below}`);
      expect([below, response.status]).toEqual([below, 404]);
    }
  });
});

it.each(["", "..", "../x", "a/b", "a\\b", "x".repeat(56), "\u0000"])("has no folder for the id %j", (id) => {
  expect(() => poolFolder("/stage", id)).toThrow("expected an id such as");
});

it("has only its own clients and groups", async () => {
  const graph = userPoolGraph({ FixtureMachine: { userPoolId: "other" }, Writers: { userPoolId: "other" } });
  const own = await serveUserPool(graph);
  const html = await (await fetch(authorizeUrl(own))).text();
  expect(html.match(/name="group" value="\w+"/g)).toEqual(['name="group" value="operators"']);
  const [machine] = resolve(graph).resources.filter(({ name }) => name === "FixtureMachine");
  const fields = { grant_type: "client_credentials", client_id: machine?.outputs.id ?? "", client_secret: "x" };
  const response = await post(`${own.issuer}/oauth2/token`, fields);
  expect(await response.json()).toMatchObject({ error_description: "client_id: the user pool has no such client" });
  await own.close();
});

// Cognito's defaults:
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
it.each<[Resource["inputs"], number]>([
  [{ accessTokenValidity: 2 }, 7200],
  [{ accessTokenValidity: 0 }, 3600],
  [{ accessTokenValidity: 1, tokenValidityUnits: { accessToken: "days" } }, 86_400],
  [{ accessTokenValidity: 300, tokenValidityUnits: { accessToken: "seconds" } }, 300],
])("reads the lifetime %j as %i seconds", (inputs, seconds) => {
  const [own] = userPoolsOf(resolve(userPoolGraph({ FixtureMachine: inputs })));
  expect(own?.clients.find(({ name }) => name === "FixtureMachine")?.lifetimes.accessToken).toBe(seconds);
});

it.each<[Resource["inputs"], string]>([
  [
    { tokenValidityUnits: { accessToken: "weeks" } },
    "accessTokenValidity is 15 weeks, expected a number of seconds, minutes, hours, days",
  ],
  [{ idTokenValidity: "10" }, 'idTokenValidity is "10" minutes, expected a number of'],
  [{ callbackUrls: ["/callback"] }, 'callback URL "/callback", expected an absolute one'],
])("names an invalid client: %j", (inputs, message) => {
  const graph = resolve(userPoolGraph({ WebClient: inputs }));
  const open = () => userPoolsOf(graph);
  expect(open).toThrow(`user pool client "WebClient": ${message}`);
});
