import { describe, expect, it } from "vitest";

import { requestOf } from "../../test/outcome";
import { compileViewerFunction } from "./viewer-function";

const DISTRIBUTION = { id: "EDFDVBD6EXAMPLE", domainName: "d111111abcdef8.cloudfront.net" };
const compile = (body: string) => compileViewerFunction(`function handler(event) { ${body} }`, DISTRIBUTION);

// The request whose event is the example of
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
const request = requestOf({
  path: "/media/index.mpd",
  query: "ID=42&Exp=1619740800&TTL=1440&NoValue=&querymv=val1&querymv=val2%2Cval3",
  rawHeaders: [
    ...["Host", "video.example.com", "User-Agent", "Mozilla/5.0", "Accept", "application/json", "Accept", "text/html"],
    ...["Cookie", "id=CookieIdValue; loggedIn=True; cookiemv=value3", "Cookie", "cookiemv=value4"],
  ],
  sourceIp: "198.51.100.11",
});

async function eventOf(): Promise<Record<string, Record<string, unknown>>> {
  const outcome = await compile("return { statusCode: 200, body: JSON.stringify(event) };")(request);
  if (!("response" in outcome)) throw new Error("expected a response");
  return JSON.parse(outcome.response.body.toString());
}

describe("a viewer function", () => {
  it("gets query, headers and cookies in CloudFront's event structure", async () => {
    expect(await eventOf()).toMatchObject({
      version: "1.0",
      context: { distributionDomainName: DISTRIBUTION.domainName, eventType: "viewer-request" },
      viewer: { ip: "198.51.100.11" },
      request: {
        method: "GET",
        uri: "/media/index.mpd",
        querystring: {
          ID: { value: "42" },
          Exp: { value: "1619740800" },
          TTL: { value: "1440" },
          NoValue: { value: "" },
          querymv: { value: "val1", multiValue: [{ value: "val1" }, { value: "val2%2Cval3" }] },
        },
        headers: {
          host: { value: "video.example.com" },
          "user-agent": { value: "Mozilla/5.0" },
          accept: { value: "application/json", multiValue: [{ value: "application/json" }, { value: "text/html" }] },
        },
        cookies: {
          id: { value: "CookieIdValue" },
          loggedIn: { value: "True" },
          cookiemv: { value: "value3", multiValue: [{ value: "value3" }, { value: "value4" }] },
        },
      },
    });
    expect((await eventOf()).request?.headers).not.toHaveProperty("cookie");
  });

  it("that returns its request changes nothing", async () => {
    const outcome = await compile("return event.request;")(request);
    expect(outcome).toMatchObject({ request: { path: request.path } });
    if (!("request" in outcome)) throw new Error("expected a request");
    expect(new URLSearchParams(outcome.request.query).toString()).toBe(new URLSearchParams(request.query).toString());
    expect(outcome.request.rawHeaders).toEqual([
      ...[
        "host",
        "video.example.com",
        "user-agent",
        "Mozilla/5.0",
        "accept",
        "application/json",
        "accept",
        "text/html",
      ],
      ...["cookie", "id=CookieIdValue; loggedIn=True; cookiemv=value3; cookiemv=value4"],
    ]);
  });

  it("changes path, query, headers and cookies, but not the method", async () => {
    const outcome = await compile(`
      const { request } = event;
      request.method = "DELETE";
      request.uri = "/other";
      request.querystring = { a: { value: "1" } };
      delete request.headers.host;
      request.headers["x-seen"] = { value: request.cookies.id.value };
      request.cookies = {};
      return request;`)(request);
    expect(outcome).toMatchObject({
      request: {
        method: "GET",
        path: "/other",
        query: "a=1",
        rawHeaders: expect.not.arrayContaining(["host", "cookie"]),
      },
    });
    expect(outcome).toMatchObject({ request: { rawHeaders: expect.arrayContaining(["x-seen", "CookieIdValue"]) } });
  });

  // The example of a response on the same page.
  it("can return a response", async () => {
    const outcome = await compile(`return {
      statusCode: 302,
      statusDescription: "Found",
      headers: { location: { value: "https://example.com/new" } },
      cookies: { ID: { value: "id1234", attributes: "Expires=Wed, 05 Apr 2021 07:28:00 GMT" } },
      body: { encoding: "base64", data: "aGVsbG8=" },
    };`)(request);
    expect(outcome).toEqual({
      response: {
        status: 302,
        headers: { location: "https://example.com/new" },
        cookies: ["ID=id1234; Expires=Wed, 05 Apr 2021 07:28:00 GMT"],
        body: Buffer.from("hello"),
      },
    });
  });

  it.each([
    ['throw new Error("no");', "no"],
    ['throw "text";', "text"],
    ["return undefined;", "expected a request or a response"],
    ["return 1;", "expected a request or a response"],
    ["return {};", "uri: expected a path that begins with /"],
    ["return { statusCode: 99 };", "statusCode: expected a number from 200 to 599"],
    ['event.request.headers["x-a"] = { value: 1 }; return event.request;', "headers.x-a: expected a string as value"],
    ["while (true);", "timed out"],
    ["return Promise.resolve().then(() => { for (;;); });", "timed out"],
    ["return { get uri() { for (;;); } };", "timed out"],
    ["return new Promise(() => {});", "never settled"],
    ['return { statusCode: 200, headers: { "x-a": { value: "a\\nb" } } };', 'header "x-a" is not allowed in HTTP'],
    ["return Promise.reject();", "undefined"],
  ])("of %j fails with an error that names the fault", async (body, message) => {
    await expect(compile(body)(request)).rejects.toMatchObject({
      name: "ViewerFunctionError",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["var handler = 1;", "expected a function named handler"],
    ['import cf from "cloudfront"; function handler() {}', "import statement"],
    ["function handler( {", "Unexpected"],
    ["while (true);", "timed out"],
  ])("with the code %j cannot be compiled", (code, message) => {
    expect(() => compileViewerFunction(code, DISTRIBUTION)).toThrow(message);
  });
});
