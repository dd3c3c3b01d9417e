import { describe, expect, it } from "vitest";

import { claimsOf, rejectionOf, type TokenClaims } from "./token";

const jwtOf = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

describe("claimsOf", () => {
  // Example of https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
  it("reads Cognito's access token", () => {
    const claims = {
      sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      "cognito:groups": ["testgroup"],
      client_id: "xxxxxxxxxxxxexample",
      scope: "openid audit/read",
      exp: 1_700_000_000,
      username: "Jörg",
    };
    expect(claimsOf(jwtOf(claims))).toEqual({
      subject: claims.sub,
      name: "Jörg",
      client: claims.client_id,
      scopes: ["openid", "audit/read"],
      groups: ["testgroup"],
      expiresAt: 1_700_000_000_000,
    });
  });

  it.each(["", "a.b.c", "opaque", jwtOf({}).slice(0, 6)])("finds no claims in %j", (token) => {
    expect(claimsOf(token)).toBeUndefined();
  });
});

describe("rejectionOf", () => {
  const NOW = Date.UTC(2026, 10, 23);
  const claims = { scopes: ["audit/read"], expiresAt: NOW + 1 } as TokenClaims;

  it.each<[string, TokenClaims | undefined, string[], number | undefined]>([
    ["undefined if the token has one of the scopes", claims, ["traffic/read", "audit/read"], undefined],
    ["undefined if no scope is required", claims, [], undefined],
    ["403 without a scope", claims, ["traffic/read"], 403],
    ["401 after the expiry", { ...claims, expiresAt: NOW }, ["audit/read"], 401],
    ["undefined without claims", undefined, ["audit/read"], undefined],
  ])("is %s", (_title, given, scopes, status) => {
    expect(rejectionOf(given, scopes, NOW)?.status).toBe(status);
  });
});
