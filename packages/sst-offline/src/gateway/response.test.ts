import { describe, expect, it } from "vitest";

import { parseResult } from "./response";

const read = (result: unknown) => {
  const parsed = parseResult(JSON.stringify(result));
  if (!parsed.ok) return parsed.reason;
  const { status, headers, cookies, body } = parsed.response;
  return { status, headers, cookies, body: body.toString() };
};
const JSON_TYPE = { "content-type": "application/json" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };

// Responses recorded from an HTTP API: aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2,
// Snapshots/V2_*.json and ToApiGatewayProxyResponse_*.json. The rules:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
describe("a function's result", () => {
  it.each<[string, unknown, string]>([
    ["an object without statusCode", { message: "Hello World" }, '{"message":"Hello World"}'],
    ["an object with only a body", { body: "hi" }, '{"body":"hi"}'],
    ["a string", "Hello", "Hello"],
    ["an empty string", "", ""],
    ["a number", 42, "42"],
    ["a boolean", true, "true"],
    ["an array", [1, "a"], '[1,"a"]'],
    ["null", null, "null"],
  ])("that is %s is the body of a 200", (_title, result, body) => {
    expect(read(result)).toEqual({ status: 200, headers: JSON_TYPE, cookies: [], body });
  });

  it("is plain text by default", () => {
    expect(read({ statusCode: 200, body: "Test body" })).toEqual({
      status: 200,
      headers: TEXT_TYPE,
      cookies: [],
      body: "Test body",
    });
  });

  it("keeps its content type", () => {
    const result = { statusCode: 201, headers: { "Content-Type": "application/xml" }, body: '{"key":"value"}' };
    expect(read(result)).toMatchObject({ status: 201, headers: { "content-type": "application/xml" } });
  });

  it("keeps a header with commas as one header", () => {
    const headers = { myheader: "test,shouldhavesecondvalue", anotherheader: "secondvalue" };
    expect(read({ statusCode: 200, headers, body: "" })).toMatchObject({ headers });
  });

  it("may set cookies", () => {
    expect(read({ statusCode: 204, cookies: ["a=1; Secure", "b=2"] })).toMatchObject({
      cookies: ["a=1; Secure", "b=2"],
      body: "",
    });
  });

  it("may be in base64", () => {
    expect(read({ statusCode: 200, body: "SGVsbG8=", isBase64Encoded: true })).toMatchObject({ body: "Hello" });
  });

  it("loses the headers that the gateway sets", () => {
    const headers = {
      Connection: "close",
      "Content-Length": "3",
      Date: "never",
      "Transfer-Encoding": "chunked",
      Upgrade: "h2c",
    };
    expect(read({ statusCode: 200, headers })).toMatchObject({ headers: TEXT_TYPE });
  });

  it("keeps numbers and booleans in headers as text", () => {
    expect(read({ statusCode: 200, headers: { "x-count": 3, "x-flag": false } })).toMatchObject({
      headers: { "x-count": "3", "x-flag": "false" },
    });
  });

  it.each<[unknown, string]>([
    [{ statusCode: 0 }, "statusCode is 0, expected 200 to 599"],
    [{ statusCode: 200.5 }, "statusCode is 200.5, expected 200 to 599"],
    [{ statusCode: 199 }, "statusCode is 199, expected 200 to 599"],
    [{ statusCode: 600 }, "statusCode is 600, expected 200 to 599"],
    [{ statusCode: "200" }, 'statusCode is "200", expected 200 to 599'],
    [{ statusCode: null }, "statusCode is null, expected 200 to 599"],
    [{ statusCode: 200, body: { a: 1 } }, "body is object, expected a string"],
    [{ statusCode: 200, headers: "a: b" }, 'headers is "a: b", expected an object'],
    [{ statusCode: 200, cookies: "a=b" }, 'cookies is "a=b", expected an array'],
    [{ statusCode: 200, headers: { "x a": "b" } }, 'header "x a" is not allowed in HTTP'],
    [{ statusCode: 200, headers: { "x-a": "b\r\nc: d" } }, 'header "x-a" is not allowed in HTTP'],
    [{ statusCode: 200, cookies: ["a=b\n"] }, 'header "set-cookie" is not allowed in HTTP'],
  ])("%j is malformed: %s", (result, reason) => {
    expect(read(result)).toBe(reason);
  });

  // Lambda's quota for the response of a synchronous invocation: 6 MB.
  it("may have at most 6 MB", () => {
    const limit = 6 * 1024 * 1024;
    expect(parseResult(JSON.stringify("a".repeat(limit - 2))).ok).toBe(true);
    expect(parseResult(JSON.stringify("a".repeat(limit - 1)))).toEqual({
      ok: false,
      reason: `the response has more than ${limit} bytes`,
    });
  });
});
