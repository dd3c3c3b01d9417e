import { describe, expect, it } from "vitest";

import { renderClaims, scopesOf } from "./claims";

// Measured on an HTTP API with Cognito: floci-io/floci, JwtClaimsWireFormatTest;
// DefinitelyTyped#75458;
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
    // Not recorded on AWS: our decisions, see docs/divergence.md.
    [["a", null], "[a null]"],
    [1.5, "1.5"],
    [1e21, "1e+21"],
  ])("with the value %j is rendered as %j", (value, expected) => {
    expect(renderClaims({ claim: value }).claim).toBe(expected);
  });

  it("with the value null is omitted", () => {
    expect(Object.keys(renderClaims({ a: null, b: 1 }))).toEqual(["b"]);
  });

  it("cannot change the claims' prototype", () => {
    const claims = renderClaims(JSON.parse('{"__proto__":"x"}'));
    expect([Object.getPrototypeOf(claims), Object.keys(claims)]).toEqual([null, ["__proto__"]]);
  });
});

// `scope` or `scp`:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
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
