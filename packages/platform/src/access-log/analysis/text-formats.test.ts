import { describe, expect, it } from "vitest";

import { readAccessLogLine } from "./read-line";

/** Published formats by source. Each is on one line, as API Gateway requires. */
const FORMATS: Record<string, string> = {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html, "Example
  // log formats"
  "HTTP API, CLF": [
    '$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey ',
    '$context.protocol" $context.status $context.responseLength $context.requestId',
  ].join(""),
  "HTTP API, JSON": [
    '{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", ',
    '"requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod",',
    '"routeKey":"$context.routeKey", "status":"$context.status","protocol":"$context.protocol", ',
    '"responseLength":"$context.responseLength" }',
  ].join(""),
  "HTTP API, XML": [
    '<request id="$context.requestId"> <ip>$context.identity.sourceIp</ip> ',
    "<requestTime>$context.requestTime</requestTime> <httpMethod>$context.httpMethod</httpMethod> ",
    "<routeKey>$context.routeKey</routeKey> <status>$context.status</status> ",
    "<protocol>$context.protocol</protocol> ",
    "<responseLength>$context.responseLength</responseLength> </request>",
  ].join(""),
  "HTTP API, CSV": [
    "$context.identity.sourceIp,$context.requestTime,$context.httpMethod,$context.routeKey,",
    "$context.protocol,$context.status,$context.responseLength,$context.requestId",
  ].join(""),
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html,
  // "Access log formats"
  "REST API, CLF": [
    "$context.identity.sourceIp $context.identity.caller $context.identity.user ",
    '[$context.requestTime]"$context.httpMethod $context.resourcePath $context.protocol" ',
    "$context.status $context.responseLength $context.requestId $context.extendedRequestId",
  ].join(""),
  "REST API, JSON": [
    '{ "requestId":"$context.requestId", "extendedRequestId":"$context.extendedRequestId","ip": ',
    '"$context.identity.sourceIp", "caller":"$context.identity.caller", ',
    '"user":"$context.identity.user", "requestTime":"$context.requestTime", ',
    '"httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", ',
    '"status":"$context.status", "protocol":"$context.protocol", ',
    '"responseLength":"$context.responseLength" }',
  ].join(""),
  "REST API, XML": [
    '<request id="$context.requestId"> ',
    "<extendedRequestId>$context.extendedRequestId</extendedRequestId> ",
    "<ip>$context.identity.sourceIp</ip> <caller>$context.identity.caller</caller> ",
    "<user>$context.identity.user</user> <requestTime>$context.requestTime</requestTime> ",
    "<httpMethod>$context.httpMethod</httpMethod> ",
    "<resourcePath>$context.resourcePath</resourcePath> <status>$context.status</status> ",
    "<protocol>$context.protocol</protocol> ",
    "<responseLength>$context.responseLength</responseLength> </request>",
  ].join(""),
  "REST API, CSV": [
    "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,",
    "$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,",
    "$context.status,$context.responseLength,$context.requestId,$context.extendedRequestId",
  ].join(""),
  // The same page, "Set up access logging using CloudFormation": SAM's AccessLogSetting is
  // CloudFormation's.
  "REST API, CloudFormation's and SAM's example": [
    "$context.extendedRequestId $context.identity.sourceIp $context.identity.caller ",
    '$context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath ',
    '$context.protocol" $context.status $context.responseLength $context.requestId',
  ].join(""),
  // The same page in 2019: github.com/awsdocs/amazon-api-gateway-developer-guide,
  // doc_source/set-up-logging.md at 1249dc7
  "REST API, earlier CLF": [
    "$context.identity.sourceIp $context.identity.caller  $context.identity.user ",
    '[$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" ',
    "$context.status $context.responseLength $context.requestId",
  ].join(""),
  "REST API, earlier CSV": [
    "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,",
    "$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,",
    "$context.status,$context.responseLength,$context.requestId",
  ].join(""),
  // github.com/aws/aws-cdk, packages/aws-cdk-lib/aws-apigateway/lib/access-log.ts at 004ebb5
  "CDK, AccessLogFormat.clf()": [
    "$context.identity.sourceIp $context.identity.caller $context.identity.user ",
    '[$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" ',
    "$context.status $context.responseLength $context.requestId",
  ].join(""),
  "CDK, AccessLogFormat.jsonWithStandardFields()": JSON.stringify({
    requestId: "$context.requestId",
    ip: "$context.identity.sourceIp",
    user: "$context.identity.user",
    caller: "$context.identity.caller",
    requestTime: "$context.requestTime",
    httpMethod: "$context.httpMethod",
    resourcePath: "$context.resourcePath",
    status: "$context.status",
    protocol: "$context.protocol",
    responseLength: "$context.responseLength",
  }),
  // SST 4.17.1, platform/src/components/aws/apigatewayv2.ts and apigatewayv1.ts
  "SST, HTTP API": JSON.stringify({
    requestTime: '"$context.requestTime"',
    requestId: '"$context.requestId"',
    httpMethod: '"$context.httpMethod"',
    path: '"$context.path"',
    routeKey: '"$context.routeKey"',
    status: "$context.status",
    responseLatency: "$context.responseLatency",
    integrationRequestId: '"$context.integration.requestId"',
    ip: '"$context.identity.sourceIp"',
    userAgent: '"$context.identity.userAgent"',
  }),
  "SST, REST API": JSON.stringify({
    requestTime: '"$context.requestTime"',
    requestId: '"$context.requestId"',
    httpMethod: '"$context.httpMethod"',
    path: '"$context.path"',
    resourcePath: '"$context.resourcePath"',
    status: "$context.status",
    responseLatency: "$context.responseLatency",
    ip: '"$context.identity.sourceIp"',
  }),
  // github.com/serverless/serverless,
  // lib/plugins/aws/package/compile/events/api-gateway/lib/hack/update-stage.js
  "Serverless Framework, REST API": [
    "requestId: $context.requestId, ip: $context.identity.sourceIp, caller: ",
    "$context.identity.caller, user: $context.identity.user, requestTime: $context.requestTime, ",
    "httpMethod: $context.httpMethod, resourcePath: $context.resourcePath, status: $context.status, ",
    "protocol: $context.protocol, responseLength: $context.responseLength",
  ].join(""),
};

const VALUES: Record<string, string> = {
  "identity.sourceIp": "203.0.113.7",
  "identity.caller": "AIDACKCEVSQ6C2EXAMPLE",
  "identity.user": "AIDACKCEVSQ6C2EXAMPLE",
  "identity.userAgent": "curl/8.7.1",
  requestTime: "23/Nov/2026:10:30:00 +0100",
  httpMethod: "GET",
  path: "/dev/pets/7",
  routeKey: "GET /pets/{petId}",
  resourcePath: "/pets/{petId}",
  protocol: "HTTP/1.1",
  status: "404",
  responseLatency: "12",
  responseLength: "23",
  requestId: "JKJaXmPLvHcESHA=",
  extendedRequestId: "JKJaXmPLvHcEXTE=",
  "integration.requestId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
};

/** Fills a format as API Gateway does: a variable without a value becomes `-`. */
function lineOf(format: string, values: Record<string, string> = VALUES): string {
  return format.replaceAll(/\$context\.(\w+(?:\.\w+)*)/g, (_whole, name: string) => values[name] ?? "-");
}

function read(line: string) {
  const parsed = readAccessLogLine(line, {});
  if (!parsed.ok) throw new Error(`${parsed.reason}: ${line}`);
  return parsed.entry;
}

describe.each(Object.entries(FORMATS))("a line of %s", (_title, format) => {
  const has = (name: string) => format.includes(`$context.${name}`);

  it("has all fields that a report uses", () => {
    const { requestId, requestTimeEpoch, status, routeKey, httpMethod, sourceIp, responseLength, user } = read(
      lineOf(format),
    );
    expect({ requestId, requestTimeEpoch, status, routeKey, httpMethod, sourceIp, responseLength, user }).toEqual({
      requestId: "JKJaXmPLvHcESHA=",
      requestTimeEpoch: Date.parse("2026-11-23T09:30:00Z"),
      status: 404,
      routeKey: has("routeKey") ? "GET /pets/{petId}" : "/pets/{petId}",
      httpMethod: "GET",
      sourceIp: "203.0.113.7",
      responseLength: has("responseLength") ? 23 : 0,
      user: /identity\.user(?!Agent)/.test(format) ? "AIDACKCEVSQ6C2EXAMPLE" : undefined,
    });
  });

  it("has no route and no user if they are dashes", () => {
    const { status, requestTime } = VALUES as { status: string; requestTime: string };
    const line = lineOf(format, { status, requestTime, requestId: "x", "identity.sourceIp": "203.0.113.7" });
    expect(read(line)).toMatchObject({ status: 404, responseLength: 0, sourceIp: "203.0.113.7" });
    expect(read(line)).not.toHaveProperty("routeKey");
    expect(read(line)).not.toHaveProperty("user");
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html. The format of the line
  // comes from github.com/getmoto/moto, moto/logs/models.py, create_export_task.
  it("is read from an export of CloudWatch Logs to S3", () => {
    expect(read(`2026-11-23T09:30:01.000Z ${lineOf(format)}`)).toEqual(read(lineOf(format)));
  });

  it("is unparseable if the status is not a number", () => {
    expect(readAccessLogLine(lineOf(format, { ...VALUES, status: "OK" }), {})).toMatchObject({
      ok: false,
      reason: 'field "status" is missing or of the wrong type',
    });
  });
});

it.each([
  ["a CLF line with text after its id", `${lineOf(FORMATS["HTTP API, CLF"] ?? "")} - "curl 8" "x y" 7`],
  ["a CLF line of $default", lineOf(FORMATS["HTTP API, CLF"] ?? "", { ...VALUES, routeKey: "$default" })],
])("reads %s", (_title, line) => {
  expect(read(line)).toMatchObject({ requestId: "JKJaXmPLvHcESHA=", status: 404, sourceIp: "203.0.113.7" });
});

// With quadratic time, a million characters would exceed the timeout of the test.
it.each<[string, string]>([
  ["spaces", " ".repeat(1e6)],
  ["words", "a ".repeat(5e5)],
  ["one word", "a".repeat(1e6)],
  ["brackets", "a a a [".repeat(2e5)],
  ["an open bracket", `a a a [${"x ".repeat(5e5)}`],
  ["quotes", `a a a [x] "a ${'" '.repeat(5e5)}`],
  ["commas", ",".repeat(1e6)],
  ["labels", `a: ${", a: ".repeat(2e5)}x,`],
  ["elements", `<request id="x">${"<a>".repeat(3e5)}`],
  ["closing tags", `<request id="x">${"</request> ".repeat(1e5)}x`],
  ["braces", "{".repeat(1e6)],
  ["a nested object", `${'{"a":'.repeat(2e5)}1${"}".repeat(2e5)}`],
  ["a nested list", `{"a":${"[".repeat(5e5)}${"]".repeat(5e5)}}`],
])("rejects a long line of %s in linear time", (_title, line) => {
  expect(readAccessLogLine(line, {})).toMatchObject({ ok: false });
});
