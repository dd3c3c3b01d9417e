import { describe, expect, it } from "vitest";

import { contextOf, requestOf } from "../../test/outcome";
import { headerOf, type IncomingRequest } from "../kit/http-message";
import { newTraceId } from "../kit/ids";
import type { HttpApi } from "./api";
import { eventOf } from "./event";

type Api = Pick<HttpApi, "id" | "accountId" | "addresses">;

function api(id: string, accountId: string, stage = "$default"): Api {
  const executeApiHost = `${id}.execute-api.us-west-2.amazonaws.com`;
  return { id, accountId, addresses: { stage, executeApiHost, isExecuteApiDisabled: false, mappings: [] } };
}

interface Recorded {
  api: Api;
  request: Partial<IncomingRequest>;
  receivedAt: number;
  requestId: string;
  routeKey: string;
  pathParameters?: Record<string, string>;
}

function event({ api: of, request, receivedAt, requestId, routeKey, pathParameters }: Recorded) {
  const whole = requestOf({ sourceIp: "1.2.3.4", ...request });
  const traceId = headerOf(whole, "x-amzn-trace-id") ?? newTraceId(receivedAt);
  const context = contextOf(whole, { receivedAt, requestId, traceId });
  const arrival = { ...context.arrival, domainName: of.addresses.executeApiHost };
  return JSON.parse(eventOf(of, { ...context, arrival, routeKey, pathParameters }));
}

const simple = {
  api: api("aaaaaaaaaa", "123456789012"),
  receivedAt: 1587481701067,
  requestId: "LV7fzho-PHcEJPw=",
  routeKey: "$default",
};
const send = (request: Partial<IncomingRequest>) => event({ ...simple, request });

describe("the event", () => {
  // awslabs/aws-lambda-rust-runtime, fixtures/example-apigw-v2-request-no-authorizer.json, without
  // the client certificate.
  it("of a plain GET equals the recorded one", () => {
    const trace = "Root=1-5e9f0c65-1de4d666d4dd26aced652b6c";
    const host = "aaaaaaaaaa.execute-api.us-west-2.amazonaws.com";
    const rawHeaders = ["Host", host, "User-Agent", "curl/7.58.0", "Accept", "*/*", "X-Amzn-Trace-Id", trace];
    expect(send({ rawHeaders })).toEqual({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/",
      rawQueryString: "",
      headers: {
        accept: "*/*",
        "content-length": "0",
        host,
        "user-agent": "curl/7.58.0",
        "x-amzn-trace-id": trace,
        "x-forwarded-for": "1.2.3.4",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
      },
      requestContext: {
        accountId: "123456789012",
        apiId: "aaaaaaaaaa",
        domainName: host,
        domainPrefix: "aaaaaaaaaa",
        http: { method: "GET", path: "/", protocol: "HTTP/1.1", sourceIp: "1.2.3.4", userAgent: "curl/7.58.0" },
        requestId: "LV7fzho-PHcEJPw=",
        routeKey: "$default",
        stage: "$default",
        time: "21/Apr/2020:15:08:21 +0000",
        timeEpoch: 1587481701067,
      },
      isBase64Encoded: false,
    });
  });

  // hotsock/voker, vokerhttp/testdata/apigwv2-request.json, logged by an HTTP API on AWS in July
  // 2026. Without its null and empty members, which come from the struct that logged it.
  it("of a POST with cookies, repeated headers and a query equals the recorded one", () => {
    const body = '{"message":"hello from the public internet","unicode":"lambda-λ"}';
    const trace = "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0";
    const host = "sjzepsqsu5.execute-api.us-west-2.amazonaws.com";
    const query =
      "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=";
    const rawHeaders = [
      ...["Host", host, "User-Agent", "curl/8.7.1", "Accept", "*/*", "Content-Type", "application/json"],
      ...["Cookie", "session=abc123; theme=dark", "X-Voker-Probe", "first", "X-Voker-Probe", "second"],
      ...["Content-Length", "66", "X-Amzn-Trace-Id", trace],
    ];
    const request = {
      method: "POST",
      path: "/capture/space%20value",
      query,
      rawHeaders,
      body: Buffer.from(body),
      sourceIp: "68.8.83.18",
    };
    const recorded = { receivedAt: 1783711145766, requestId: "ATfSmjLgPHcESJw=", routeKey: "$default" };
    expect(event({ api: api("sjzepsqsu5", "910345601053"), request, ...recorded })).toEqual({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/capture/space value",
      rawQueryString: query,
      cookies: ["session=abc123", "theme=dark"],
      headers: {
        accept: "*/*",
        "content-length": "66",
        "content-type": "application/json",
        host,
        "user-agent": "curl/8.7.1",
        "x-amzn-trace-id": trace,
        "x-forwarded-for": "68.8.83.18",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-voker-probe": "first,second",
      },
      queryStringParameters: {
        empty: "",
        encodedPlus: "a+b",
        literalPlus: "a b",
        redirect: "https://example.com/a/b",
        repeat: "one,two",
      },
      requestContext: {
        accountId: "910345601053",
        apiId: "sjzepsqsu5",
        domainName: host,
        domainPrefix: "sjzepsqsu5",
        http: {
          method: "POST",
          path: "/capture/space value",
          protocol: "HTTP/1.1",
          sourceIp: "68.8.83.18",
          userAgent: "curl/8.7.1",
        },
        requestId: "ATfSmjLgPHcESJw=",
        routeKey: "$default",
        stage: "$default",
        time: "10/Jul/2026:19:19:05 +0000",
        timeEpoch: 1783711145766,
      },
      body,
      isBase64Encoded: false,
    });
  });

  // aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2, Snapshots/V2_{SpecialCharactersInPath,
  // UnicodeCharactersInPath,UrlEncodedQueryString}.json, recorded on AWS in April 2025.
  it("has a decoded path, including characters outside ASCII", () => {
    const pathParameters = { productName: "☕ Coffee", reviewTitle: "😊 Happy" };
    const { rawPath, requestContext, ...rest } = event({
      ...simple,
      request: { method: "POST", path: "/test14/api/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A%20Happy" },
      pathParameters,
    });
    expect([rawPath, requestContext.http.path]).toEqual(
      Array(2).fill("/test14/api/products/☕ Coffee/reviews/😊 Happy"),
    );
    expect(requestContext.http.userAgent).toBe("");
    expect(rest.pathParameters).toEqual(pathParameters);
  });

  it("has the query both decoded and as it was sent", () => {
    const query = "q=Hello%20World&tag=C%23%20Programming&tag=.NET%20Core";
    const { rawQueryString, queryStringParameters } = send({ query });
    expect(rawQueryString).toBe(query);
    expect(queryStringParameters).toEqual({ q: "Hello World", tag: "C# Programming,.NET Core" });
  });

  it("has the stage in its path, not in its route key (powertools-lambda-python#621)", () => {
    const { rawPath, routeKey, requestContext } = event({
      ...simple,
      api: api("aaaaaaaaaa", "123456789012", "dev"),
      request: { path: "/dev/agents/1" },
      routeKey: "ANY /agents/{proxy+}",
    });
    expect([rawPath, routeKey, requestContext.stage]).toEqual(["/dev/agents/1", "ANY /agents/{proxy+}", "dev"]);
  });

  // Tested on an HTTP API on AWS: ministackorg/ministack#766.
  it.each<[string | undefined, boolean]>([
    ["application/json", false],
    ["application/json; charset=utf-8", false],
    ["Application/JSON", false],
    ["application/xml", false],
    ["application/javascript", false],
    ["text/plain", false],
    ["text/csv", false],
    [undefined, true],
    ["application/x-www-form-urlencoded", true],
    ["application/octet-stream", true],
    ["multipart/form-data; boundary=x", true],
    ["image/png", true],
  ])("has a body of the type %s in base64: %s", (contentType, encoded) => {
    const rawHeaders = contentType === undefined ? [] : ["Content-Type", contentType];
    const { body, isBase64Encoded } = send({ method: "POST", rawHeaders, body: Buffer.from("a=1") });
    expect([body, isBase64Encoded]).toEqual([encoded ? "YT0x" : "a=1", encoded]);
  });

  it("keeps invalid percent-encoding as it was sent", () => {
    const { rawPath, queryStringParameters } = send({ path: "/100%/%zz", query: "a=%&%zz=b&=c&&d" });
    expect([rawPath, queryStringParameters]).toEqual(["/100%/%zz", { a: "%", "%zz": "b", "": "c", d: "" }]);
  });

  it("has no prototype that a caller's names could change", () => {
    const { headers, queryStringParameters } = send({
      rawHeaders: ["__proto__", "a"],
      query: "__proto__=b&constructor=c",
    });
    expect(Object.entries(queryStringParameters)).toEqual([
      ["__proto__", "b"],
      ["constructor", "c"],
    ]);
    expect(Object.keys(headers)).toContain("__proto__");
  });

  it("has the peer's address appended to X-Forwarded-For, and no headers of the connection", () => {
    const { headers } = send({
      rawHeaders: ["X-Forwarded-For", "6.6.6.6", "Connection", "close", "Transfer-Encoding", "chunked"],
    });
    expect(headers["x-forwarded-for"]).toBe("6.6.6.6, 1.2.3.4");
    expect(Object.keys(headers).filter((name) => ["connection", "transfer-encoding"].includes(name))).toEqual([]);
  });

  // Recorded on AWS: hotsock/voker#8.
  it("ends the path at a decoded question mark", () => {
    expect(send({ path: "/a%3Fb" }).rawPath).toBe("/a");
  });
});
