import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  authorizeUrl,
  CALLBACK,
  claimsOf,
  type Fields,
  post,
  serveUserPool,
  signIn,
  type TestPool,
  userPoolGraph,
  VERIFIER,
} from "../../test/user-pool";

let pool: TestPool;
beforeAll(async () => {
  pool = await serveUserPool();
});
afterAll(() => pool.close());

async function token(fields: Record<string, string>, headers: Record<string, string> = {}, of = pool) {
  const response = await post(`${of.issuer}/oauth2/token`, fields, headers);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, string>,
  };
}
const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
const machine = () => ({ client_id: pool.ids.machine, client_secret: pool.secretOf(pool.ids.machine) });
const server = () => ({ client_id: pool.ids.server, client_secret: pool.secretOf(pool.ids.server) });
const machineGrant = () => ({ grant_type: "client_credentials", ...machine() });

/** Gets a new code, with all fields to redeem it. */
async function codeGrant(changes: Record<string, string | undefined> = {}, fields: Fields = [], of = pool) {
  const location = await signIn(of, authorizeUrl(of, changes), fields);
  return {
    grant_type: "authorization_code",
    client_id: of.ids.web,
    code: location.searchParams.get("code") ?? "",
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  };
}

describe("client credentials", () => {
  it("give a machine a token with Cognito's claims, without a refresh token", async () => {
    const { status, headers, body } = await token({ ...machineGrant(), scope: "audit/write audit/read" });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-type")).toBe("application/json;charset=UTF-8");
    // Names as in https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
    expect(body).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: "Bearer" });
    // The decoded token of a client of us-east-1_RZb7A6NDA, published in 2026, with its own ids:
    const recorded = {
      sub: "58u1g4ac3jdl24f58i5eenpoke",
      token_use: "access",
      scope: "backend/write backend/read",
      auth_time: 1775174540,
      iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_RZb7A6NDA",
      exp: 1775178140,
      iat: 1775174540,
      version: 2,
      jti: "16f7732e-6ca0-470b-952a-7fb11672ff64",
      client_id: "58u1g4ac3jdl24f58i5eenpoke",
    };
    const claims = claimsOf(body.access_token);
    const seconds = Math.floor(pool.clock.now / 1000);
    expect(Object.keys(claims).sort()).toEqual(Object.keys(recorded).sort());
    expect(claims).toMatchObject({
      sub: pool.ids.machine,
      client_id: pool.ids.machine,
      token_use: "access",
      scope: "audit/write audit/read",
      version: 2,
      iss: pool.issuer,
      auth_time: seconds,
      iat: seconds,
      exp: seconds + 3600,
    });
    expect(decodeProtectedHeader(body.access_token ?? "")).toEqual({ alg: "RS256", kid: expect.any(String) });
  });

  it("may be sent as Basic, too; the default is all scopes", async () => {
    const headers = basic(pool.ids.machine, pool.secretOf(pool.ids.machine));
    const { status, body } = await token({ grant_type: "client_credentials" }, headers);
    expect([status, claimsOf(body.access_token).scope]).toEqual([200, "audit/read audit/write"]);
    // The sample of AWS's page has client_id beside the header.
    const both = await token({ grant_type: "client_credentials", client_id: pool.ids.machine }, headers);
    expect(both.status).toBe(200);
  });
});

// Codes: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html, "Examples
// of negative responses", with
// status 400 for each; invalid_scope from RFC 6749, section 5.2.
describe("a token request is rejected", () => {
  it.each<[string, () => Record<string, string>, string, string]>([
    ["without a grant type", machine, "invalid_request", "grant_type: expected authorization_code, refresh_token or"],
    [
      "with another grant type",
      () => ({ ...machine(), grant_type: "password" }),
      "unsupported_grant_type",
      "grant_type: ",
    ],
    ["without a client", () => ({ grant_type: "client_credentials" }), "invalid_request", "client_id: expected one"],
    [
      "from an unknown client",
      () => ({ ...machineGrant(), client_id: "nobody" }),
      "invalid_client",
      "client_id: the user pool has no such client",
    ],
    [
      "with a wrong secret",
      () => ({ ...machineGrant(), client_secret: `${pool.secretOf(pool.ids.machine)}0` }),
      "invalid_client",
      "client_secret: expected the client's",
    ],
    [
      "with another client's secret",
      () => ({ ...machineGrant(), client_secret: pool.secretOf(pool.ids.server) }),
      "invalid_client",
      "client_secret: expected the client's",
    ],
    [
      "without the secret",
      () => ({ grant_type: "client_credentials", client_id: pool.ids.machine }),
      "invalid_client",
      "client_secret: expected the client's",
    ],
    [
      "with a secret from a client that has none",
      () => ({ grant_type: "refresh_token", client_id: pool.ids.web, client_secret: "x", refresh_token: "x" }),
      "invalid_client",
      "client_secret: expected none",
    ],
    [
      "for a scope that the client may not have",
      () => ({ ...machineGrant(), scope: "audit/read traffic/read" }),
      "invalid_scope",
      "scope: expected some of audit/read audit/write",
    ],
    ["for a scope of spaces", () => ({ ...machineGrant(), scope: " " }), "invalid_scope", "scope: expected some of"],
    [
      "as a machine, from a client that people sign in with",
      () => ({ grant_type: "client_credentials", client_id: pool.ids.web }),
      "unauthorized_client",
      "the client may not use the flow client_credentials: its allowedOauthFlows are code",
    ],
    [
      "for a code, from a machine",
      () => ({ ...machine(), grant_type: "authorization_code", code: "x", redirect_uri: CALLBACK }),
      "unauthorized_client",
      "the client may not use the flow code: its allowedOauthFlows are client_credentials",
    ],
    [
      "for a code that there is not",
      () => ({ grant_type: "authorization_code", client_id: pool.ids.web, code: "x", redirect_uri: CALLBACK }),
      "invalid_grant",
      "code: expected one of this client",
    ],
    [
      "without a refresh token",
      () => ({ grant_type: "refresh_token", client_id: pool.ids.web }),
      "invalid_request",
      "refresh_token: expected one",
    ],
    [
      "with a refresh token that there is not",
      () => ({ grant_type: "refresh_token", client_id: pool.ids.web, refresh_token: "x" }),
      "invalid_grant",
      "refresh_token: expected one of this client",
    ],
    [
      "for a renewal, from a client that may not renew",
      () => ({ ...server(), grant_type: "refresh_token", refresh_token: "x" }),
      "unauthorized_client",
      "the client's explicitAuthFlows do not hold ALLOW_REFRESH_TOKEN_AUTH",
    ],
  ])("%s", async (_title, fields, code, description) => {
    const { status, headers, body } = await token(fields());
    expect([status, headers.get("cache-control")]).toEqual([400, "no-store"]);
    expect(body).toEqual({ error: code, error_description: expect.stringContaining(description) });
  });

  it.each<[string, () => [string, string], string]>([
    ["a wrong secret", () => [pool.ids.machine, "wrong"], "invalid_client"],
    ["an empty secret", () => [pool.ids.machine, ""], "invalid_client"],
    ["no name", () => ["", "secret"], "invalid_request"],
  ])("with %s in the header", async (_title, credentials, code) => {
    const { status, body } = await token({ grant_type: "client_credentials" }, basic(...credentials()));
    expect([status, body.error]).toEqual([400, code]);
  });

  it.each(["Bearer x", "Basic", "Basic !", "Basic bm8tY29sb24="])("with the header %j", async (authorization) => {
    const { status, body } = await token({ grant_type: "client_credentials" }, { authorization });
    expect([status, body.error]).toEqual([400, "invalid_request"]);
  });

  it("with credentials in the header and in the body", async () => {
    const { status, body } = await token(machineGrant(), basic(pool.ids.machine, pool.secretOf(pool.ids.machine)));
    expect([status, body.error]).toEqual([400, "invalid_request"]);
    const other = { grant_type: "client_credentials", client_id: pool.ids.server };
    const mixed = await token(other, basic(pool.ids.machine, pool.secretOf(pool.ids.machine)));
    expect([mixed.status, mixed.body.error]).toEqual([400, "invalid_request"]);
  });

  it("with a repeated parameter", async () => {
    const fields: Fields = [...Object.entries(machineGrant()), ["scope", "audit/read"], ["scope", "audit/write"]];
    const response = await post(`${pool.issuer}/oauth2/token`, fields);
    expect(await response.json()).toEqual({ error: "invalid_request", error_description: "scope: expected once" });
  });

  it("unless it is a form of at most 64 KB", async () => {
    const url = `${pool.issuer}/oauth2/token`;
    const json = await fetch(url, {
      method: "POST",
      body: JSON.stringify(machineGrant()),
      headers: { "content-type": "application/json" },
    });
    expect([json.status, ((await json.json()) as { error: string }).error]).toEqual([400, "invalid_request"]);
    const start = new URLSearchParams({ ...machineGrant(), padding: "" }).toString();
    const sized = async (length: number) => await post(url, [...new URLSearchParams(start.padEnd(length, "x"))]);
    expect((await sized(65_536)).status).toBe(200);
    const tooLong = await sized(65_537);
    expect(await tooLong.json()).toEqual({
      error: "invalid_request",
      error_description: "body: expected at most 65536 bytes",
    });
  });

  it("with another method than POST", async () => {
    const response = await fetch(`${pool.issuer}/oauth2/token?${new URLSearchParams(machineGrant())}`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

describe("an authorization code", () => {
  it("gives a person tokens with Cognito's claims", async () => {
    const fields = ["writers", "operators"].map((group): [string, string] => ["group", group]);
    const grant = await codeGrant({ nonce: "n-0S6_WzA2Mj" }, [
      ["username", "ada"],
      ["runtime-groups", "tenant:acme"],
      ...fields,
    ]);
    const { status, body } = await token(grant);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      id_token: expect.any(String),
      refresh_token: expect.any(String),
      expires_in: 900,
      token_type: "Bearer",
    });
    // The decoded token of a person of eu-north-1_55iNnZmYp, published in 2025, with a group as in
    // the example of
    // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    const recorded = {
      sub: "405c494c-b081-70f6-dd45-08cc9e42c50c",
      "cognito:groups": ["admin"],
      iss: "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_55iNnZmYp",
      version: 2,
      client_id: "1s3s6r0e517r5h7m00ab0t58ra",
      origin_jti: "a17c7ecb-b3cf-4326-9480-b346d3ac8203",
      event_id: "02f03301-0998-4765-b0a6-8b050f475cc8",
      token_use: "access",
      scope: "openid email",
      auth_time: 1748293199,
      exp: 1748296799,
      iat: 1748293199,
      jti: "a80748cd-d7be-44a1-9b84-54ce71df02a9",
      username: "405c494c-b081-70f6-dd45-08cc9e42c50c",
    };
    const access = claimsOf(body.access_token);
    const seconds = Math.floor(pool.clock.now / 1000);
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(Object.keys(access).sort()).toEqual(Object.keys(recorded).sort());
    expect(access).toMatchObject({
      sub: uuid,
      "cognito:groups": ["writers", "operators", "tenant:acme"],
      iss: pool.issuer,
      version: 2,
      client_id: pool.ids.web,
      origin_jti: uuid,
      event_id: uuid,
      token_use: "access",
      scope: "openid audit/read audit/write",
      auth_time: seconds,
      exp: seconds + 15 * 60,
      iat: seconds,
      jti: uuid,
      username: "ada",
    });
    // Names from
    // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html,
    // without those of attributes, roles and other identity providers; `at_hash` as in tokens of
    // the hosted page.
    expect(claimsOf(body.id_token)).toEqual({
      at_hash: expect.any(String),
      sub: access.sub,
      "cognito:groups": access["cognito:groups"],
      iss: pool.issuer,
      "cognito:username": "ada",
      nonce: "n-0S6_WzA2Mj",
      origin_jti: access.origin_jti,
      aud: pool.ids.web,
      event_id: access.event_id,
      token_use: "id",
      auth_time: seconds,
      exp: seconds + 10 * 60,
      iat: seconds,
      jti: uuid,
    });
  });

  it("gives a token without groups to a person without one, and the same subject each time", async () => {
    const [one, two] = [await token(await codeGrant()), await token(await codeGrant())];
    const [first, second] = [claimsOf(one.body.access_token), claimsOf(two.body.access_token)];
    expect("cognito:groups" in first).toBe(false);
    expect(first.sub).toBe(second.sub);
    expect(first.jti).not.toBe(second.jti);
    const other = await token(await codeGrant({}, [["username", "bob"]]));
    expect(claimsOf(other.body.access_token).sub).not.toBe(first.sub);
  });

  it("gives no ID token without the scope openid", async () => {
    const { status, body } = await token(await codeGrant({ scope: "audit/read" }));
    expect([status, claimsOf(body.access_token).scope, "id_token" in body]).toEqual([200, "audit/read", false]);
  });

  it("gives no refresh token to a client without the refresh flow", async () => {
    const grant = await codeGrant({ client_id: pool.ids.server });
    const { status, body } = await token({ ...grant, ...server() });
    expect([status, "refresh_token" in body]).toEqual([200, false]);
  });

  it("is valid for five minutes", async () => {
    const [early, late] = [await codeGrant(), await codeGrant()];
    pool.clock.now += 5 * 60 * 1000 - 1;
    expect((await token(early)).status).toBe(200);
    pool.clock.now += 1;
    expect((await token(late)).body.error).toBe("invalid_grant");
  });

  it("is valid once", async () => {
    const grant = await codeGrant();
    expect((await token(grant)).status).toBe(200);
    expect((await token(grant)).body).toEqual({
      error: "invalid_grant",
      error_description: expect.stringContaining("neither used nor over 5 minutes old"),
    });
  });

  it.each<[string, (grant: Record<string, string>) => Record<string, string>, string]>([
    ["another client", (grant) => ({ ...grant, ...server() }), "code: "],
    ["another redirect URI", (grant) => ({ ...grant, redirect_uri: `${CALLBACK}/` }), "redirect_uri: "],
    [
      "another registered one",
      (grant) => ({ ...grant, redirect_uri: "com.example.app://signed-in" }),
      "redirect_uri: ",
    ],
    ["another verifier", (grant) => ({ ...grant, code_verifier: VERIFIER.replace("d", "e") }), "code_verifier: "],
    [
      "the challenge for a verifier",
      (grant) => ({ ...grant, code_verifier: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" }),
      "code_verifier: ",
    ],
    ["an empty verifier", (grant) => ({ ...grant, code_verifier: "" }), "code_verifier: "],
  ])("is invalid with %s, and cannot be used afterwards", async (_title, change, description) => {
    const grant = await codeGrant();
    const { status, body } = await token(change(grant));
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain(description);
    expect((await token(grant)).body.error).toBe("invalid_grant");
  });

  it("requested without a challenge is invalid with a verifier", async () => {
    const without = { client_id: pool.ids.server, code_challenge: undefined, code_challenge_method: undefined };
    const { code_verifier, ...grant } = { ...(await codeGrant(without)), ...server() };
    expect((await token({ ...grant, code_verifier })).body.error).toBe("invalid_grant");
    const again = await codeGrant(without);
    const { code_verifier: _, ...plain } = { ...again, ...server() };
    expect((await token(plain)).status).toBe(200);
  });
});

describe("a refresh token", () => {
  const renewal = (refreshToken: string | undefined) => ({
    grant_type: "refresh_token",
    client_id: pool.ids.web,
    refresh_token: refreshToken ?? "",
  });

  it("gives tokens of the same sign-in any number of times, and no other refresh token", async () => {
    const signedIn = await token(await codeGrant({ nonce: "n-1" }));
    pool.clock.now += 60_000;
    for (const { status, body } of [
      await token(renewal(signedIn.body.refresh_token)),
      await token(renewal(signedIn.body.refresh_token)),
    ]) {
      expect(status).toBe(200);
      expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "id_token", "token_type"]);
      const [before, after] = [claimsOf(signedIn.body.access_token), claimsOf(body.access_token)];
      const same = ["sub", "origin_jti", "event_id", "auth_time", "scope", "username"];
      for (const name of same) expect(after[name]).toBe(before[name]);
      expect(after.iat).toBe((before.iat as number) + 60);
      expect(after.jti).not.toBe(before.jti);
      expect(claimsOf(body.id_token).nonce).toBeUndefined();
    }
  });

  it("is valid for 30 days by default, even after a restart", async () => {
    const { refresh_token } = (await token(await codeGrant())).body;
    pool.restart();
    pool.clock.now += 30 * 24 * 60 * 60 * 1000 - 1;
    expect((await token(renewal(refresh_token))).status).toBe(200);
    pool.clock.now += 1;
    expect((await token(renewal(refresh_token))).body.error).toBe("invalid_grant");
  });

  it("is invalid after it is revoked", async () => {
    const { refresh_token = "" } = (await token(await codeGrant())).body;
    const revoke = (fields: Record<string, string>) => post(`${pool.issuer}/oauth2/revoke`, fields);
    const revoked = await revoke({ token: refresh_token, client_id: pool.ids.web });
    expect([revoked.status, await revoked.text()]).toEqual([200, ""]);
    expect((await token(renewal(refresh_token))).body.error).toBe("invalid_grant");
    expect((await revoke({ token: refresh_token, client_id: pool.ids.web })).status).toBe(200);
  });

  it("is valid only for its client", async () => {
    const both = await serveUserPool(userPoolGraph({ Server: { explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"] } }));
    const { refresh_token = "" } = (await token(await codeGrant({}, [], both), {}, both)).body;
    const other = { client_id: both.ids.server, client_secret: both.secretOf(both.ids.server) };
    const stolen = await token({ ...renewal(refresh_token), ...other }, {}, both);
    expect([stolen.status, stolen.body.error]).toEqual([400, "invalid_grant"]);
    expect((await post(`${both.issuer}/oauth2/revoke`, { token: refresh_token, ...other })).status).toBe(200);
    expect((await token(renewal(refresh_token), {}, both)).status).toBe(200);
    await both.close();
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html, "Endpoint
  // errors"
  it.each<[string, () => Record<string, string>, number, string]>([
    ["without a token", () => ({ client_id: pool.ids.web }), 400, "invalid_request"],
    ["with an access token", () => ({ client_id: pool.ids.web, token: "a.b.c" }), 400, "unsupported_token_type"],
    ["with a wrong secret", () => ({ ...machine(), client_secret: "x", token: "x" }), 401, "invalid_client"],
  ])("cannot be revoked %s", async (_title, fields, status, code) => {
    const response = await post(`${pool.issuer}/oauth2/revoke`, fields());
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([status, code]);
  });
});
