import { describe, expect, it } from "vitest";

import { renderClaims, scopesOf } from "./claims";

// Measured on a Cognito-backed HTTP API: floci-io/floci, JwtClaimsWireFormatTest; DefinitelyTyped#75458;
// guidance-for-claude-code-with-amazon-bedrock#803.
describe("a claim", () => {
  it.each<[unknown, string]>([
    ["ada", "ada"],
    ["", ""],
    [1787996002, "1787996002"],
    [true, "true"],
    [false, "false"],
    [["admin", "poweruser"], "[admin poweruser]"],
    [[], "[]"],
    [{ street: "A" }, '{"street":"A"}'],
    // Not captured: decisions, see docs/divergence.md.
    [["a", null], "[a null]"],
    [1.5, "1.5"],
    [1e21, "1e+21"],
  ])("that is %j is shown as %j", (value, expected) => {
    expect(renderClaims({ claim: value }).claim).toBe(expected);
  });

  it("that is null is left out", () => {
    expect(Object.keys(renderClaims({ a: null, b: 1 }))).toEqual(["b"]);
  });

  it("cannot change the claims' prototype", () => {
    const claims = renderClaims(JSON.parse('{"__proto__":"x"}'));
    expect([Object.getPrototypeOf(claims), Object.keys(claims)]).toEqual([null, ["__proto__"]]);
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html: `scope` or `scp`.
it.each<[Record<string, unknown>, string[]]>([
  [{ scope: "a b" }, ["a", "b"]],
  [{ scope: "  a  b " }, ["a", "b"]],
  [{ scp: ["a", "b"] }, ["a", "b"]],
  [{ scp: "a b" }, ["a", "b"]],
  [{ scope: "a", scp: ["b"] }, ["a"]],
  [{ scope: 1 }, []],
  [{}, []],
])("the scopes of %j are %j", (claims, scopes) => {
  expect(scopesOf(claims)).toEqual(scopes);
});
