import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { describe, expect, it } from "vitest";

import { CHECKS, outcomeOf, reasonOf } from "./reason";

const entry = (fields: Partial<AccessLogEntry>): AccessLogEntry => ({
  requestId: "r",
  requestTimeEpoch: 0,
  status: 200,
  responseLength: 0,
  responseLatency: 1,
  ...fields,
});

describe("reasonOf", () => {
  it("returns undefined for a success", () => {
    expect(reasonOf(entry({ status: 399 }))).toBeUndefined();
  });

  // API Gateway's messages, from the fixtures of packages/sst-offline and
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
  it.each<[Partial<AccessLogEntry>, string, string]>([
    [{ status: 404, errorMessage: "Not Found" }, "Route", "method and path"],
    [{ status: 429, errorMessage: "Too Many Requests" }, "Rate limit", "Rate limit"],
    [{ status: 401, errorMessage: "Unauthorized" }, "Auth", "No token"],
    // Both texts are from log lines in public READMEs.
    [{ status: 401, errorMessage: "Unauthorized", authorizerError: "missing: token not provided" }, "Auth", "No token"],
    [
      { status: 401, errorMessage: "Unauthorized", authorizerError: "invalid_token: JWKS communication error" },
      "Auth",
      "signing keys",
    ],
    [
      {
        status: 401,
        errorMessage: "Unauthorized",
        authorizerError: 'invalid_token error_description="the token has expired"',
      },
      "Auth",
      "expired",
    ],
    [{ status: 401, errorMessage: "Unauthorized", authorizerError: "invalid audience" }, "Auth", "different client"],
    [{ status: 403, errorMessage: "Forbidden", authorizerError: "insufficient_scope" }, "Auth", "scope"],
    [
      {
        status: 500,
        errorMessage: "Internal Server Error",
        integrationError: "The Lambda function returned the following error: x",
      },
      "Function",
      "log",
    ],
    [{ status: 503, errorMessage: "Service Unavailable" }, "Function", "timed out"],
    // API Gateway checks the size after the token: docs/divergence.md.
    [{ status: 413, errorMessage: "Request Entity Too Large", client: "c" }, "Size", "API Gateway's size limit"],
    [{ status: 413, integrationStatus: 413 }, "Function", "body too large"],
    [{ status: 403, integrationStatus: 403, client: "c" }, "Function", "group"],
    [{ status: 403, integrationStatus: 403 }, "Function", "CloudFront"],
    [{ status: 400, integrationStatus: 400 }, "Function", "Invalid input"],
    [{ status: 418, integrationStatus: 418 }, "Function", "418"],
  ])("explains %j by the check %s", (fields, failed, words) => {
    const reason = reasonOf(entry(fields));
    expect(reason?.failed).toBe(failed);
    expect(reason?.explanation).toContain(words);
  });

  it("marks the checks before the failed one as OK, and skips those after it", () => {
    const outcomesOf = (fields: Partial<AccessLogEntry>) =>
      CHECKS.map((check) => outcomeOf(check, reasonOf(entry(fields)), entry(fields)));
    expect(outcomesOf({ status: 401, errorMessage: "Unauthorized" })).toEqual([
      ...["OK", "OK", "Failed", "Skipped", "Skipped"],
    ]);
    expect(outcomesOf({ status: 200, client: "c" })).toEqual(["OK", "OK", "OK", "OK", "OK"]);
    expect(outcomesOf({ status: 405 })).toEqual(["OK", "OK", "Public", "OK", "Rejected"]);
    expect(outcomesOf({ status: 500, errorMessage: "Internal Server Error", client: "c" })).toEqual([
      ...["OK", "OK", "OK", "OK", "Failed"],
    ]);
  });
});
