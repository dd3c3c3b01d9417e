import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { exchange, serve } from "@backend/testing/serving";
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { AUDIENCE, startIssuer, type TestIssuer } from "../../test/issuer";
import { type FixtureProject, fixtureProject, jwtRoute } from "../../test/project";
import type { Offline } from "../offline";

const echo = { source: "export const handler = async (event: any) => event.requestContext.authorizer ?? null;" };
const seconds = () => Math.floor(Date.now() / 1000);

let issuer: TestIssuer;
let foreign: TestIssuer;
let project: FixtureProject;
let offline: Offline;
beforeAll(async () => {
  [issuer, foreign] = await Promise.all([startIssuer(), startIssuer()]);
  const functions = {
    "GET /any": { ...echo, route: jwtRoute() },
    "GET /scoped": { ...echo, route: jwtRoute("audit/read", "audit/write") },
    "GET /open": echo,
  };
  project = fixtureProject(functions, { authorizer: { issuer: issuer.url, audiences: [AUDIENCE, "client-2"] } });
  offline = await serve(project.folder);
});
afterAll(async () => {
  await offline.stop();
  await Promise.all([issuer.close(), foreign.close()]);
  project.remove();
});

async function call(target: string, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const response = await fetch(`${offline.url()}${target}`, { headers });
  const lines = readFileSync(offline.running().accessLog?.file ?? "", "utf8")
    .trimEnd()
    .split("\n");
  const line = JSON.parse(
    lines.find((text) => text.includes(response.headers.get("apigw-requestid") ?? "-")) ?? "{}",
  ).message;
  return {
    status: response.status,
    // biome-ignore lint/suspicious/noExplicitAny: whatever the function echoes
    body: (await response.json()) as any,
    challenge: response.headers.get("www-authenticate"),
    line: {
      authorizerError: line.authorizerError,
      user: line.user,
      type: line.type,
      integrationStatus: line.integrationStatus,
    },
  };
}
const invalid = (description: string, scopes = "") =>
  `Bearer scope="${scopes}" error="invalid_token" error_description="${description}"`;

describe("a valid token", () => {
  it.each(["Bearer ", "bearer ", "BEARER ", ""])("is accepted after %j", async (prefix) => {
    const { status, challenge, line } = await call("/any", `${prefix}${await issuer.token()}`);
    expect([status, challenge, line.authorizerError, line.user]).toEqual([200, null, "-", "ada"]);
  });

  it("gives the function string claims, and no scopes on a route without scopes", async () => {
    const claims = {
      iat: 1700000000,
      exp: 4000000000,
      "cognito:groups": ["admin", "poweruser"],
      admin: true,
      none: null,
      scope: "a b",
    };
    const { body } = await call("/any", await issuer.token(claims as JWTPayload));
    expect(body).toEqual({
      jwt: {
        claims: {
          iss: issuer.url,
          aud: AUDIENCE,
          sub: "ada",
          iat: "1700000000",
          exp: "4000000000",
          "cognito:groups": "[admin poweruser]",
          admin: "true",
          scope: "a b",
        },
        scopes: null,
      },
    });
  });

  it("gives the function all its scopes on a route that needs one of them", async () => {
    const { status, body } = await call("/scoped", await issuer.token({ scope: "other audit/write" }));
    expect([status, body.jwt.scopes]).toEqual([200, ["other", "audit/write"]]);
  });

  it.each<[string, Record<string, unknown>]>([
    ["an audience among others", { aud: ["other", AUDIENCE] }],
    ["the second audience", { aud: "client-2" }],
    ["client_id and no aud, like Cognito's access tokens", { aud: undefined, client_id: AUDIENCE }],
    ["scp in place of scope", { scp: ["audit/read"] }],
    ["nbf and iat equal to the current time", { nbf: seconds(), iat: seconds() }],
    ["no iat", { iat: undefined }],
  ])("may have %s", async (_title, claims) => {
    const { status } = await call(
      claims.scp === undefined ? "/any" : "/scoped",
      await issuer.token(claims as JWTPayload),
    );
    expect(status).toBe(200);
  });

  it.each(["RS384", "RS512"])("may be signed by %s", async (alg) => {
    expect((await call("/any", await issuer.token({}, { alg }))).status).toBe(200);
  });

  it("may be in the query string, if the authorizer's identity source is there", async () => {
    const authorizer = { issuer: issuer.url, audiences: [AUDIENCE], identitySource: "$request.querystring.token" };
    const own = fixtureProject({ "GET /any": { ...echo, route: jwtRoute() } }, { authorizer });
    const backend = await serve(own.folder);
    const token = await issuer.token();
    const statuses = [`?token=${token}`, `?token=Bearer+${token}`, "", "?token="].map(
      async (query) => (await fetch(`${backend.url()}/any${query}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 401, 401]);
    await backend.stop();
    own.remove();
  });

  it("does not fetch the keys again", async () => {
    const before = issuer.fetches();
    await call("/any", await issuer.token());
    expect([before > 0, issuer.fetches()]).toEqual([true, before]);
  });
});

it("a route without an authorizer needs no token", async () => {
  expect(await call("/open", "Bearer nonsense")).toMatchObject({ status: 200, body: null });
});

describe("an invalid token", () => {
  const good = () => issuer.token();
  const parts = async () => (await good()).split(".") as [string, string, string];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  // Texts recorded on AWS: "Bearer" only, segments, audience (http-api-troubleshooting-jwt.html)
  // and "issuer does not match". The other texts are ours, because no recording exists.
  it.each<[string, () => Promise<string | undefined> | string | undefined, string | undefined]>([
    ["is missing", () => undefined, undefined],
    ["is empty", () => "", undefined],
    ["is only Bearer", () => "Bearer ", undefined],
    ["has one segment", () => "Bearer nonsense", "token contains an invalid number of segments"],
    [
      "has two segments",
      async () => (await parts()).slice(0, 2).join("."),
      "token contains an invalid number of segments",
    ],
    ["has four segments", async () => `${await good()}.x`, "token contains an invalid number of segments"],
    ["comes after another scheme", async () => `Basic ${await good()}`, "token is malformed"],
    ["has a space in front", async () => `Bearer  ${await good()}`, "token is malformed"],
    ["has a tab in front", async () => `Bearer \t${await good()}`, "token is malformed"],
    ["is padded", async () => `Bearer ${await good()}==`, "token is malformed"],
    [
      "is twice there",
      async () => `Bearer ${await good()}, Bearer ${await good()}`,
      "token contains an invalid number of segments",
    ],
    ["has a header that is not JSON", async () => `e30x.${(await parts())[1]}.x`, "token is malformed"],
    [
      "is not signed: alg none",
      () => new UnsecuredJWT({ iss: issuer.url, aud: AUDIENCE }).encode(),
      "signing method is invalid",
    ],
    [
      "has alg none with a signature",
      async () => [encode({ alg: "none", kid: "key-0" }), ...(await parts()).slice(1)].join("."),
      "signing method is invalid",
    ],
    [
      "is HS256 over the public key",
      async () => hs256(encode({ alg: "HS256", kid: "key-0" }), (await parts())[1]),
      "signing method is invalid",
    ],
    [
      "is RS256 in name, HMAC in fact",
      async () => hs256(encode({ alg: "RS256", kid: "key-0" }), (await parts())[1]),
      "signature is invalid",
    ],
    ["is ES256", () => elliptic(), "signing method is invalid"],
    [
      "is PS256",
      async () => [encode({ alg: "PS256", kid: "key-0" }), ...(await parts()).slice(1)].join("."),
      "signing method is invalid",
    ],
    [
      "names its algorithm in a list",
      async () => [encode({ alg: ["RS256"], kid: "key-0" }), ...(await parts()).slice(1)].join("."),
      "signing method is invalid",
    ],
    [
      "names its algorithm in an object that is no text",
      () => `${encode({ alg: { toString: 1, valueOf: 1 }, kid: "k" })}.e30.x`,
      "signing method is invalid",
    ],
    [
      "expires in infinity",
      () => issuer.sign(Buffer.from(`{"iss":"${issuer.url}","aud":"${AUDIENCE}","exp":1e400}`)),
      "the token has expired",
    ],
    ["has a payload that is not UTF-8", () => issuer.sign(Buffer.from([0x7b, 0xff, 0x7d])), "token is malformed"],
    ["has a list as payload", () => issuer.sign(Buffer.from("[]")), "token is malformed"],
    ["has no kid", () => issuer.token({}, { kid: undefined } as never), "token has no key id"],
    ["has an unknown kid", () => issuer.token({}, { kid: "key-9" }), "signature is invalid"],
    ["has another issuer's key under our kid", async () => foreign.token({ iss: issuer.url }), "signature is invalid"],
    ["has a changed payload", async () => changed(await parts()), "signature is invalid"],
    [
      "has an unknown critical extension",
      () => issuer.token({}, { crit: ["x"], x: 1 } as never).catch(() => critical()),
      "signature is invalid",
    ],
    ["names another issuer", () => issuer.token({ iss: foreign.url }), "issuer does not match"],
    ["names the issuer with an extra slash", () => issuer.token({ iss: `${issuer.url}/` }), "issuer does not match"],
    ["names no issuer", () => issuer.token({ iss: undefined } as never), "issuer does not match"],
    ["is for another audience", () => issuer.token({ aud: "other" }), "the token does not have a valid audience"],
    [
      "is for a list of other audiences",
      () => issuer.token({ aud: ["a", "b"] }),
      "the token does not have a valid audience",
    ],
    [
      "has our client_id beside a foreign aud",
      () => issuer.token({ aud: "other", client_id: AUDIENCE }),
      "the token does not have a valid audience",
    ],
    [
      "has neither aud nor client_id",
      () => issuer.token({ aud: undefined } as never),
      "the token does not have a valid audience",
    ],
    ["expired a second ago", () => issuer.token({ exp: seconds() - 1 }), "the token has expired"],
    ["expires this second", () => issuer.token({ exp: seconds() }), "the token has expired"],
    ["never expires", () => issuer.token({ exp: undefined } as never), "the token has expired"],
    ["has a string as expiry", () => issuer.token({ exp: "4000000000" } as never), "the token has expired"],
    ["is not valid yet", () => issuer.token({ nbf: seconds() + 5 }), "the token is not valid yet"],
    ["was issued in the future", () => issuer.token({ iat: seconds() + 5 }), "the token was issued in the future"],
  ])("%s", async (_title, token, description) => {
    const { status, body, challenge, line } = await call("/any", await token());
    expect([status, body]).toEqual([401, { message: "Unauthorized" }]);
    expect(challenge).toBe(description === undefined ? "Bearer" : invalid(description));
    expect(line).toEqual({
      authorizerError: description === undefined ? "missing: token not provided" : `invalid_token: ${description}`,
      user: "-",
      type: "UNAUTHORIZED",
      integrationStatus: "-",
    });
  });

  it("gets a challenge with the route's scopes", async () => {
    expect((await call("/scoped", "a.b")).challenge).toBe(
      invalid("token contains an invalid number of segments", "audit/read audit/write"),
    );
  });

  it("is rejected if the header is sent twice, even with the same valid token", async () => {
    const token = await good();
    const answer = await exchange(
      offline,
      `GET /dev/any HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${token}\r\nAuthorization: ` +
        `${token}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("is rejected after the throttle and before the check of the body size", async () => {
    const authorizer = { issuer: issuer.url, audiences: [AUDIENCE] };
    const stage = { defaultRouteSettings: { throttlingRateLimit: 0.01, throttlingBurstLimit: 1 } };
    const own = fixtureProject({ "POST /any": { ...echo, route: jwtRoute() } }, { authorizer, stage });
    const backend = await serve(own.folder);
    const send = async () =>
      (await fetch(`${backend.url()}/any`, { method: "POST", body: Buffer.alloc(11_000_000) })).status;
    expect([await send(), await send()]).toEqual([401, 429]);
    await backend.stop();
    own.remove();
  });

  it("of 11 kB exceeds the limit for headers", async () => {
    const response = await fetch(`${offline.url()}/any`, {
      headers: { authorization: `Bearer ${"a".repeat(11_000)}` },
    });
    expect(response.status).toBe(431);
  });

  it.each<[string, JWTPayload]>([
    ["has no scope, like an ID token", { token_use: "id" }],
    ["has another scope", { scope: "traffic/read" }],
    ["has a prefix of the scope", { scope: "audit/rea" }],
    ["has a longer scope", { scope: "audit/reader" }],
    ["has the scope in upper case", { scope: "AUDIT/READ" }],
    ["has the scope as a group", { "cognito:groups": ["audit/read"] }],
  ])("for a scoped route: %s", async (_title, claims) => {
    const { status, body, line } = await call("/scoped", await issuer.token(claims));
    expect([status, body]).toEqual([403, { message: "Forbidden" }]);
    expect(line).toMatchObject({ type: "ACCESS_DENIED", integrationStatus: "-" });
    expect(line.authorizerError).toMatch(/^insufficient_scope: /);
  });

  function hs256(header: string, payload: string): string {
    const text = `${header}.${payload}`;
    return `${text}.${createHmac("sha256", issuer.publicKey).update(text).digest("base64url")}`;
  }

  function changed([header, , signature]: [string, string, string]): string {
    return [header, encode({ iss: issuer.url, aud: AUDIENCE, sub: "eve", exp: 4000000000 }), signature].join(".");
  }

  async function elliptic(): Promise<string> {
    const { privateKey } = await generateKeyPair("ES256");
    return await new SignJWT({ iss: issuer.url, aud: AUDIENCE })
      .setProtectedHeader({ alg: "ES256", kid: "key-0" })
      .sign(privateKey);
  }

  async function critical(): Promise<string> {
    return [encode({ alg: "RS256", kid: "key-0", crit: ["x"], x: 1 }), ...(await parts()).slice(1)].join(".");
  }
});

describe("an issuer", () => {
  const serving = async (of: TestIssuer) => {
    const own = fixtureProject(
      { "GET /any": { ...echo, route: jwtRoute() } },
      { authorizer: { issuer: of.url, audiences: [AUDIENCE] } },
    );
    const backend = await serve(own.folder);
    const ask = async (token: string) => {
      const response = await fetch(`${backend.url()}/any`, { headers: { authorization: token } });
      return [response.status, response.headers.get("www-authenticate")];
    };
    const stop = async () => {
      await backend.stop();
      own.remove();
    };
    return { ask, stop };
  };

  // Messages recorded in several public repositories.
  it.each<[string, TestIssuer["replies"], string]>([
    ["without a discovery document", { discovery: 404 }, "OIDC discovery endpoint communication error"],
    ["whose discovery document is not JSON", { discovery: "<html>" }, "OIDC discovery endpoint communication error"],
    ["whose discovery document names no keys", { discovery: "{}" }, "OIDC discovery endpoint communication error"],
    [
      "whose discovery takes longer than 1.5 s",
      { discovery: "silence" },
      "OIDC discovery endpoint communication error",
    ],
    ["whose keys take longer than 1.5 s", { jwks: "silence" }, "JWKS communication error"],
    [
      "whose keys are not at an HTTP URL",
      { discovery: '{"jwks_uri":"data:application/json,{}"}' },
      "JWKS communication error",
    ],
    ["whose key document returns 500", { jwks: 500 }, "JWKS communication error"],
    ["whose key document is not a key set", { jwks: '{"keys":1}' }, "JWKS communication error"],
    [
      "whose keys are more than 150,000 bytes",
      { jwks: JSON.stringify({ keys: [], x: "a".repeat(150_000) }) },
      "JWKS communication error",
    ],
  ])("%s is reported, and asked again for the next request", async (_title, replies, description) => {
    const sick = await startIssuer();
    const { ask, stop } = await serving(sick);
    const token = await sick.token();
    Object.assign(sick.replies, replies);
    const timeout = vi.spyOn(AbortSignal, "timeout");
    expect(await ask(token)).toEqual([401, invalid(description)]);
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    for (const [ms] of timeout.mock.calls) expect(ms).toBe(1500);
    for (const key of Object.keys(replies)) delete sick.replies[key as keyof typeof replies];
    expect(await ask(token)).toEqual([200, null]);
    await stop();
    await sick.close();
  });

  // http-api-jwt-authorizer.html: public keys may be cached for two hours.
  it("that rotates its key: the old key stays valid until the cache is two hours old", async () => {
    const rotating = await startIssuer();
    const { ask, stop } = await serving(rotating);
    const old = await rotating.token();
    expect(await ask(old)).toEqual([200, null]);
    await rotating.rotate();
    expect(await ask(await rotating.token())).toEqual([401, invalid("signature is invalid")]);
    expect(await ask(old)).toEqual([200, null]);
    await stop();
    await rotating.close();
  });
});
