import { describe, expect, it } from "vitest";

import { domainPrefix } from "./domain-prefix";

// Pattern and length:
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
const PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const RESERVED = /aws|amazon|cognito/;

describe("the prefix of the sign-in page's domain", () => {
  it.each([
    ["secure-backend", "dev"],
    ["secure-backend", "dawson"],
    ["my-aws-amazon-cognito-app", "aws"],
    ["aawsws", "cogcognitonito"],
    ["Secure_Backend", "PR-17"],
    ["-", "-"],
    ["secure-backend", "x".repeat(100)],
    [`${"a".repeat(48)}`, "ws"],
  ])("is valid in Cognito for app %s, stage %s", (app, stage) => {
    const prefix = domainPrefix(app, stage, "111111111111");
    expect(prefix).toMatch(PATTERN);
    expect(prefix).not.toMatch(RESERVED);
  });

  it("contains the app and the stage, but not the account id", () => {
    const prefix = domainPrefix("secure-backend", "dev", "111111111111");
    expect(prefix).toMatch(/^secure-backend-dev-[0-9a-f]{12}$/);
    expect(prefix).not.toContain("111111111111");
  });

  it("is stable", () => {
    expect(domainPrefix("a", "b", "111111111111")).toBe(domainPrefix("a", "b", "111111111111"));
  });

  it.each([
    ["another account", ["app", "dev", "222222222222"]],
    ["another stage", ["app", "test", "111111111111"]],
    ["another app", ["other", "dev", "111111111111"]],
    ["the same letters, split elsewhere", ["app-d", "ev", "111111111111"]],
    ["a stage that differs only in case", ["app", "Dev", "111111111111"]],
  ] as const)("differs for %s", (_what, [app, stage, accountId]) => {
    expect(domainPrefix(app, stage, accountId)).not.toBe(domainPrefix("app", "dev", "111111111111"));
  });

  it("differs for long stages that differ only in their last character", () => {
    const stages = ["1", "2"].map((end) => domainPrefix("app", `${"x".repeat(80)}${end}`, "111111111111"));
    expect(new Set(stages).size).toBe(2);
  });
});
