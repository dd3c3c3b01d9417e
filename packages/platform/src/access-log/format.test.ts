import { describe, expect, it } from "vitest";

import { ACCESS_LOG_FIELDS } from "./fields";
import { accessLogFormat } from "./format";

// Variables of HTTP APIs:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
const DOCUMENTED = [
  ...["accountId", "apiId", "authorizer.error", "awsEndpointRequestId", "awsEndpointRequestId2", "dataProcessed"],
  ...["domainName", "domainPrefix", "error.message", "error.messageString", "error.responseType", "extendedRequestId"],
  ...["httpMethod", "identity.sourceIp", "identity.userAgent", "integration.error", "integration.integrationStatus"],
  ...[
    "integration.latency",
    "integration.requestId",
    "integration.status",
    "integrationErrorMessage",
    "integrationLatency",
  ],
  ...["integrationStatus", "path", "protocol", "requestId", "requestTime", "requestTimeEpoch", "responseLatency"],
  ...["responseLength", "routeKey", "stage", "status"],
];

describe("the access-log format", () => {
  it("is one line of at most 3 KB with the request id, as API Gateway requires", () => {
    expect(accessLogFormat).not.toContain("\n");
    expect(Buffer.byteLength(accessLogFormat)).toBeLessThanOrEqual(3 * 1024);
    expect(accessLogFormat).toContain("$context.requestId");
  });

  it("uses only documented variables", () => {
    const used = Object.values(ACCESS_LOG_FIELDS).map(({ variable }) => variable);
    const claims = ["authorizer.claims.sub", "authorizer.claims.client_id"]; // authorizer.claims.<name>
    expect(used.filter((variable) => !DOCUMENTED.includes(variable))).toEqual(claims);
  });

  it("is valid JSON if every optional value is missing", () => {
    const numbers = ["requestTimeEpoch", "status", "responseLength", "responseLatency"];
    const line = accessLogFormat.replaceAll(/\$context\.([A-Za-z0-9_.]+)/g, (_match, name) =>
      numbers.includes(name) ? "1" : "-",
    );
    const parsed = JSON.parse(line);
    expect(Object.keys(parsed)).toEqual(Object.keys(ACCESS_LOG_FIELDS));
    expect(
      Object.entries(parsed)
        .filter(([, value]) => typeof value === "number")
        .map(([name]) => name),
    ).toEqual([...["requestTimeEpoch", "status", "responseLength", "responseLatency"]]);
  });

  it("does not use the variable whose value includes quotes", () => {
    expect(accessLogFormat).not.toContain("error.messageString");
  });
});
