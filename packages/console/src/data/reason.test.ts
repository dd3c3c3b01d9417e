import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { describe, expect, it } from "vitest";

import { CHECKS, headlineOf, outcomeOf, type Reason, reasonOf } from "./reason";

const entry = (fields: Partial<AccessLogEntry>): AccessLogEntry => ({
  requestId: "r",
  requestTimeEpoch: 0,
  status: 200,
  responseLength: 0,
  responseLatency: 1,
  ...fields,
});

describe("reasonOf", () => {
  it("has none for a success", () => {
    expect(reasonOf(entry({ status: 399 }))).toBeUndefined();
  });

  // Messages: API Gateway's own, as in the fixtures of packages/sst-offline and
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
  it.each<[Partial<AccessLogEntry>, string, string]>([
    [{ status: 404, errorMessage: "Not Found" }, "Route", "No route"],
    [{ status: 429, errorMessage: "Too Many Requests" }, "Throttle", "rate and burst"],
    [{ status: 401, errorMessage: "Unauthorized" }, "Token", "without a token"],
    // Both texts: users' own log lines, in public READMEs.
    [
      { status: 401, errorMessage: "Unauthorized", authorizerError: "missing: token not provided" },
      "Token",
      "without a token",
    ],
    [
      { status: 401, errorMessage: "Unauthorized", authorizerError: "invalid_token: JWKS communication error" },
      "Token",
      "user pool's keys",
    ],
    [
      {
        status: 401,
        errorMessage: "Unauthorized",
        authorizerError: 'invalid_token error_description="the token has expired"',
      },
      "Token",
      "has expired",
    ],
    [{ status: 401, errorMessage: "Unauthorized", authorizerError: "invalid audience" }, "Token", "another client"],
    [{ status: 403, errorMessage: "Forbidden", authorizerError: "insufficient_scope" }, "Token", "lacks the scope"],
    [
      {
        status: 500,
        errorMessage: "Internal Server Error",
        integrationError: "The Lambda function returned the following error: x",
      },
      "Function",
      "Its log says what",
    ],
    [{ status: 503, errorMessage: "Service Unavailable" }, "Function", "took longer"],
    // A request that is too large is refused after its token was checked: docs/divergence.md.
    [{ status: 413, errorMessage: "Request Entity Too Large", client: "c" }, "Size", "larger than API Gateway takes"],
    [{ status: 413, integrationStatus: 413 }, "Answer", "larger than the function takes"],
    [{ status: 403, integrationStatus: 403, client: "c" }, "Answer", "group"],
    [{ status: 403, integrationStatus: 403 }, "Answer", "through the edge"],
    [{ status: 400, integrationStatus: 400 }, "Answer", "input"],
    [{ status: 418, integrationStatus: 418 }, "Answer", "418"],
  ])("of %j is the check %s", (fields, failed, words) => {
    const reason = reasonOf(entry(fields));
    expect(reason?.failed).toBe(failed);
    expect(reason?.words).toContain(words);
  });

  it("passes the checks before the one that failed, and does not reach those after", () => {
    const of = (fields: Partial<AccessLogEntry>) =>
      CHECKS.map((check) => outcomeOf(check, reasonOf(entry(fields)), entry(fields)));
    const [yes, no, later] = ["passed", "failed", "not reached"];
    expect(of({ status: 401, errorMessage: "Unauthorized" })).toEqual([yes, yes, no, later, later, later]);
    expect(of({ status: 200, client: "c" })).toEqual([yes, yes, yes, yes, yes, yes]);
    expect(of({ status: 405 })).toEqual([yes, yes, "none asked for", yes, yes, no]); // of a public route
  });

  it.each([
    [{ status: 404, errorMessage: "Not Found" }, "Refused by API Gateway, at the check “Route”."],
    [{ status: 403, client: "c" }, "Refused by the function, at the check “Answer”."],
    [{ status: 500, errorMessage: "Internal Server Error" }, "The function failed."],
  ])("heads %j with %j", (fields, expected) => {
    expect(headlineOf(reasonOf(entry(fields)) as Reason)).toBe(expected);
  });
});
