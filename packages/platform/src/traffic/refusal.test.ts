import { describe, expect, it } from "vitest";

import type { AccessLogEntry } from "../access-log/entry";
import { refusalOf } from "./refusal";

const line: AccessLogEntry = {
  requestId: "JCJM3j95PHcEJHg=",
  requestTimeEpoch: 1_795_426_200_000,
  status: 200,
  responseLength: 23,
  responseLatency: 12,
};

describe("refusalOf", () => {
  // Statuses and messages of API Gateway's errors, as observed on HTTP APIs. Response types:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
  it.each<[string | undefined, Partial<AccessLogEntry>]>([
    ["throttled", { status: 429, errorMessage: "Too Many Requests", errorType: "THROTTLED" }],
    ["throttled", { status: 429, errorMessage: "Limit Exceeded", errorType: "QUOTA_EXCEEDED" }],
    ["unauthorized", { status: 401, errorMessage: "Unauthorized", authorizerError: "missing: token not provided" }],
    ["unauthorized", { status: 401, errorType: "UNAUTHORIZED" }],
    ["forbidden", { status: 403, errorMessage: "Forbidden", authorizerError: "insufficient_scope: no scope" }],
    ["not-found", { status: 404, errorMessage: "Not Found" }],
    ["too-large", { status: 413, errorMessage: "Request Entity Too Large" }],
    [
      "integration-failed",
      { status: 500, errorMessage: "Internal Server Error", integrationError: "The function threw" },
    ],
    ["integration-failed", { status: 503, errorMessage: "Service Unavailable", errorType: "INTEGRATION_TIMEOUT" }],
    ["integration-failed", { status: 500, integrationError: "no permission to invoke" }],
    ["other", { status: 500, authorizerError: "the authorizer crashed" }],
    ["other", { status: 431, errorMessage: "Request Header Fields Too Large" }],
    ["other", { status: 415, errorType: "UNSUPPORTED_MEDIA_TYPE" }],
    [undefined, { status: 200 }],
    [undefined, { status: 302, errorMessage: "odd" }],
    [undefined, { status: 401, integrationStatus: 401 }],
    [undefined, { status: 403, integrationStatus: 403 }],
    [undefined, { status: 500, integrationStatus: 500 }],
  ])("is %s for %o", (refusal, fields) => {
    expect(refusalOf({ ...line, ...fields })).toBe(refusal);
  });
});
