import { describe, expect, it } from "vitest";

import { requestOf } from "../../test/outcome";
import { type CorsConfiguration, compileCors } from "./cors";

const configuration: CorsConfiguration = {
  allowOrigins: ["https://app.example.com", "http://localhost:5173"],
  allowMethods: ["GET", "POST"],
  allowHeaders: ["authorization", "content-type"],
  exposeHeaders: ["apigw-requestid"],
  allowCredentials: false,
  maxAge: 3600,
};
const request = (method: string, headers: Record<string, string>) =>
  requestOf({ method, rawHeaders: Object.entries(headers).flat() });
const asked = { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" };
const preflight = (headers: Record<string, string>, changes: Partial<CorsConfiguration> = {}, method = "OPTIONS") =>
  compileCors({ ...configuration, ...changes }).preflight(request(method, headers));
const actual = (
  headers: Record<string, string>,
  changes: Partial<CorsConfiguration> = {},
  own: Record<string, string> = {},
) =>
  compileCors({ ...configuration, ...changes }).applyTo(
    { status: 200, headers: own, cookies: [], body: Buffer.alloc(0) },
    request("GET", headers),
  ).headers;

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
describe("a preflight request", () => {
  it("gets status 204 with the allow headers, and without the expose header", () => {
    expect(preflight(asked)).toEqual({
      status: 204,
      headers: {
        "access-control-allow-origin": "https://app.example.com",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "3600",
      },
      cookies: [],
      body: Buffer.alloc(0),
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ["no Origin", { "Access-Control-Request-Method": "POST" }, "OPTIONS"],
    ["no Access-Control-Request-Method", { Origin: "https://app.example.com" }, "OPTIONS"],
    ["another method", asked, "GET"],
  ])("is not a request with %s", (_title, headers, method) => {
    expect(preflight(headers, {}, method)).toBeUndefined();
  });

  it("of a foreign origin gets no CORS headers", () => {
    expect(preflight({ ...asked, Origin: "https://evil.example" })).toMatchObject({ status: 204, headers: {} });
  });

  it("gets the credentials header if credentials are allowed", () => {
    expect(preflight(asked, { allowCredentials: true })?.headers["access-control-allow-credentials"]).toBe("true");
  });
});

describe("an origin", () => {
  it.each<[string[], string, string | undefined]>([
    [["https://a.example"], "https://a.example", "https://a.example"],
    [["https://a.example"], "https://a.example:8443", undefined],
    [["https://a.example"], "https://a.example.evil.example", undefined],
    [["https://a.example"], "http://a.example", undefined],
    [["https://a.example"], "null", undefined],
    [["*"], "https://b.example", "*"],
    [["https://*"], "https://b.example", "https://b.example"],
    [["https://*"], "http://b.example", undefined],
    [["http://*"], "http://localhost:5173", "http://localhost:5173"],
    [["https://*"], "https://a,https://b", undefined],
    [["https://*"], 'https://a <x>"', undefined],
    // The page: a pattern cannot allow subdomains.
    [["https://*.example"], "https://a.example", undefined],
  ])("with %j allowed, %s gets %s", (allowOrigins, origin, expected) => {
    expect(actual({ Origin: origin }, { allowOrigins })["access-control-allow-origin"]).toBe(expected);
  });
});

describe("an actual response", () => {
  it("has the allowed origin and the exposed headers", () => {
    expect(
      actual({ Origin: "http://localhost:5173" }, { allowCredentials: true }, { "content-type": "text/plain" }),
    ).toEqual({
      "content-type": "text/plain",
      "access-control-allow-origin": "http://localhost:5173",
      "access-control-expose-headers": "apigw-requestid",
      "access-control-allow-credentials": "true",
    });
  });

  it("loses the function's CORS headers, even without an Origin", () => {
    const own = { "access-control-allow-origin": "*", "access-control-allow-credentials": "true", "x-a": "b" };
    expect(actual({}, {}, own)).toEqual({ "x-a": "b" });
  });

  it("keeps the function's CORS headers if the API has no CORS configuration", () => {
    const response = {
      status: 200,
      headers: { "access-control-allow-origin": "*" },
      cookies: [],
      body: Buffer.alloc(0),
    };
    const cors = compileCors(undefined);
    expect(cors.applyTo(response, request("GET", asked))).toBe(response);
    expect(cors.preflight(request("OPTIONS", asked))).toBeUndefined();
  });
});
