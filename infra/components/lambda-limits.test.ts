import { describe, expect, it } from "vitest";

import { checkFunctionName, checkReservedConcurrency, checkVariables } from "./lambda-limits";

// Function names have at most 64 characters:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
describe("a function's name", () => {
  it("may have 64 characters", () => {
    expect(checkFunctionName("x".repeat(64))).toBe("x".repeat(64));
  });

  it("is refused with 65", () => {
    expect(() => checkFunctionName("x".repeat(65))).toThrow(/has 65 characters, and Lambda allows 64/);
  });
});

// Environment variables: 4 KB in aggregate,
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
describe("a function's variables", () => {
  const variables = (bytes: number) => ({ A: "x".repeat(bytes - '{"A":""}'.length) });

  it("may have 4,096 bytes, measured as JSON", () => {
    expect(checkVariables("Read-dev", variables(4096))).toEqual(variables(4096));
  });

  it("are refused with 4,097, and the largest is named", () => {
    expect(() => checkVariables("Read-dev", { ...variables(4097) })).toThrow(
      /variables of function "Read-dev" have 4097 bytes, and Lambda allows 4096: shorten A, which/,
    );
  });

  it("count in bytes, not in characters", () => {
    expect(() => checkVariables("Read-dev", { A: "é".repeat(2100) })).toThrow(/Lambda allows 4096/);
  });
});

// 0 stops a function: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
describe("a function's reserved concurrency", () => {
  it("may be 1", () => {
    expect(checkReservedConcurrency("Read-dev", 1)).toBe(1);
  });

  it.each([0, -1, 1.5])("is refused with %s", (limit) => {
    expect(() => checkReservedConcurrency("Read-dev", limit)).toThrow(
      /"Read-dev": reservedConcurrency is .*at least 1/,
    );
  });
});
