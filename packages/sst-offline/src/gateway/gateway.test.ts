import { connect } from "node:net";
import { accessLogOf, exchange, idOf, lineOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FixtureProject, fixtureProject, jwtRoute } from "../../test/project";
import type { Offline } from "../offline";

describe("the gateway", () => {
  const handler = (body: string) => ({ source: `export const handler = async (event: any) => { ${body} };` });
  let project: FixtureProject;
  let offline: Offline;
  beforeAll(async () => {
    project = fixtureProject({
      "GET /throws": handler('throw new Error("the secret of the stack");'),
      "GET /exits": handler("process.exit(1);"),
      "GET /slow": { ...handler("await new Promise((r) => setTimeout(r, 5000));"), lambda: { timeout: 1 } },
      "GET /late": {
        ...handler('await new Promise((r) => setTimeout(r, 400)); return "late";'),
        integration: { timeoutMilliseconds: 100 },
      },
      "GET /malformed": handler('return { statusCode: "no" };'),
      "GET /line-break": handler('return { statusCode: 200, headers: { "x-a": "b\\r\\nx-c: d" } };'),
      "GET /header-name": handler('return { statusCode: 200, headers: { "x a": "b" } };'),
      "GET /cookies": handler('return { statusCode: 200, cookies: ["a=1", "b=2"], headers: { "set-cookie": "c=3" } };'),
      "GET /bytes": handler(
        'return { statusCode: 200, isBase64Encoded: true, body: "AP+A", headers: { "content-type": "image/png" } };',
      ),
      "GET /empty": handler("return { statusCode: 204, body: 'ignored' };"),
      "GET /teapot": handler("return { statusCode: 418, headers: { server: 'mine', date: 'never' } };"),
      "POST /echo": handler("return event;"),
      "ANY /length": handler('return { statusCode: 200, body: "hello" };'),
      "GET /odd-headers": handler(
        'return { statusCode: 200, headers: { trailer: "x", "x-null": null, "x-number": 1 }, cookies: null, ' +
          'body: "" };',
      ),
      "GET /slowly": handler('await new Promise((r) => setTimeout(r, 100)); return "slowly";'),
      "GET /items/{id}": handler("return event.pathParameters;"),
      $default: handler("return event.routeKey;"),
    });
    offline = await serve(project.folder);
  });
  afterAll(async () => {
    await offline.stop();
    project.remove();
  });
  const get = (target: string) => fetch(`${offline.url()}${target}`);

  // Recorded on AWS: aws/aws-lambda-dotnet (500 with 35 bytes of application/json),
  // serverless/serverless#11222 (503).
  it.each<[string, number, string, string, string]>([
    ["/throws", 500, "Internal Server Error", "Error: the secret of the stack", "200"],
    ["/exits", 500, "Internal Server Error", "Runtime.ExitError: Runtime exited with error: exit status 1", "200"],
    ["/slow", 500, "Internal Server Error", "Sandbox.Timedout: Task timed out after 1.00 seconds", "200"],
    [
      "/malformed",
      500,
      "Internal Server Error",
      'The function\'s response is malformed: statusCode is "no", expected 200 to 599',
      "200",
    ],
    [
      "/line-break",
      500,
      "Internal Server Error",
      'The function\'s response is malformed: header "x-a" is not allowed in HTTP',
      "200",
    ],
    [
      "/header-name",
      500,
      "Internal Server Error",
      'The function\'s response is malformed: header "x a" is not allowed in HTTP',
      "200",
    ],
    ["/late", 503, "Service Unavailable", "the integration took longer than 100 ms", "-"],
  ])(
    "responds to %s with %i, and names the reason only in the log",
    async (target, status, message, integrationError, integrationStatus) => {
      const response = await get(target);
      expect([response.status, response.headers.get("content-type"), await response.json()]).toEqual([
        status,
        "application/json",
        { message },
      ]);
      expect(lineOf(offline, response)).toMatchObject({
        status,
        error: message,
        integrationError,
        integrationStatus,
        functionStatus: "-",
      });
    },
  );

  it("logs each of many concurrent requests once", async () => {
    const responses = await Promise.all(Array.from({ length: 300 }, () => fetch(`${offline.url()}/other`)));
    const ids = responses.map(idOf);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(ids).size).toBe(300);
    const logged = accessLogOf(offline).map(({ requestId }) => requestId);
    expect(ids.filter((id) => logged.filter((other) => other === id).length !== 1)).toEqual([]);
  });

  it("sets every cookie, with those of the array first", async () => {
    expect((await get("/cookies")).headers.getSetCookie()).toEqual(["a=1", "b=2", "c=3"]);
  });

  it("sends binary bodies unchanged", async () => {
    const response = await get("/bytes");
    expect([response.headers.get("content-type"), Buffer.from(await response.arrayBuffer())]).toEqual([
      "image/png",
      Buffer.from([0x00, 0xff, 0x80]),
    ]);
  });

  it("sends no body and no length with 204", async () => {
    const response = await get("/empty");
    expect([response.status, response.headers.has("content-length"), await response.text()]).toEqual([204, false, ""]);
  });

  it("keeps the function's status and headers, except the date", async () => {
    const { status, headers } = await get("/teapot");
    expect([status, headers.get("server"), headers.get("content-length")]).toEqual([418, "mine", "0"]);
    expect(new Date(headers.get("date") ?? "").getFullYear()).toBeGreaterThan(2000);
  });

  it("decodes path parameters, and gives the function the route key", async () => {
    expect(await (await get("/items/a%20b%C3%A4")).json()).toEqual({ id: "a bä" });
    const response = await get("/other");
    expect(await response.text()).toBe("$default");
    expect(lineOf(offline, response)).toMatchObject({ routeKey: "$default" });
  });

  // An engineer of AWS in aws/aws-lambda-dotnet#1901.
  it("treats an encoded slash as a separator of segments", async () => {
    expect(await (await get("/items/a%2Fb")).text()).toBe("$default");
  });

  it("gives the function the body and headers of the request", async () => {
    const init = { method: "POST", body: "a=1&b=2", headers: { cookie: "a=1; b=2", "x-a": "b" } };
    const event = await (await fetch(`${offline.url()}/echo?q=1`, init)).json();
    expect(event).toMatchObject({
      routeKey: "POST /echo",
      rawPath: "/dev/echo",
      rawQueryString: "q=1",
      cookies: ["a=1", "b=2"],
      headers: { "x-a": "b", "content-length": "7" },
      body: "a=1&b=2",
      requestContext: { stage: "dev", http: { sourceIp: "127.0.0.1" } },
    });
  });

  // 10 MB: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
  // 6 MB: Lambda's limit for an event.
  it.each([
    [10 * 1024 * 1024 + 1, 413],
    [6 * 1024 * 1024, 413],
    [4 * 1024 * 1024, 200],
  ])("responds to a body of %i bytes with %i", async (length, status) => {
    const init = { method: "POST", body: Buffer.alloc(length, "é"), headers: { "content-type": "text/plain" } };
    const response = await fetch(`${offline.url()}/echo`, init);
    expect(response.status).toBe(status);
    const answer = await response.text();
    expect(lineOf(offline, response)).toMatchObject({ status, type: status === 413 ? "REQUEST_TOO_LARGE" : "-" });
    if (status === 413) expect(answer).toBe('{"message":"Request Entity Too Large"}');
  });

  it("responds to pipelined requests in order", async () => {
    const second = "GET /dev/items/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const answers = await exchange(offline, `GET /dev/slowly HTTP/1.1\r\nHost: a\r\n\r\n${second}`);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answers.indexOf("slowly")).toBeGreaterThan(0);
    expect(answers.indexOf('{"id":"2"}')).toBeGreaterThan(answers.indexOf("slowly"));
  });

  it("reads a chunked body completely, and gives the function its length", async () => {
    const fields = "Host: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close";
    const answer = await exchange(
      offline,
      `POST /dev/echo HTTP/1.1\r\n${fields}\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n`,
    );
    const event = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
    expect([event.body, event.headers["content-length"], event.headers["transfer-encoding"]]).toEqual([
      "abcdefg",
      "7",
      undefined,
    ]);
  });

  it("sends 100 Continue to a client that waits for it", async () => {
    const fields = "Host: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close";
    const answer = await exchange(offline, `POST /dev/echo HTTP/1.1\r\n${fields}\r\n\r\nhi`);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it("keeps serving after a client disconnects during its request", async () => {
    const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
    socket.write("POST /dev/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    await get("/items/1"); // its response proves that the server has read the earlier request
    socket.resetAndDestroy();
    expect(await (await get("/items/1")).json()).toEqual({ id: "1" });
  });

  it("logs the request of a client that disconnects before the response", async () => {
    const logged = () => accessLogOf(offline).filter(({ path: target }) => target === "/dev/slowly").length;
    const before = logged();
    const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
    socket.write("GET /dev/slowly HTTP/1.1\r\nHost: a\r\n\r\n");
    await get("/items/1"); // its response proves that the server has read the earlier request
    socket.resetAndDestroy();
    await expect.poll(logged).toBe(before + 1);
  });

  it.each([
    [
      "more than 10,240 bytes of headers",
      `GET /dev/other HTTP/1.1\r\nHost: a\r\nX-A: ${"a".repeat(11_000)}\r\n\r\n`,
      431,
    ],
    ["bytes that are not HTTP", "GARBAGE\r\n\r\n", 400],
    [
      "a request target with a host",
      "GET http://other.example/dev/other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      200,
    ],
  ])("responds to %s with the status", async (_title, text, status) => {
    expect(await exchange(offline, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await get("/items/1")).status).toBe(200);
  });

  it("responds to the requests before a malformed one first", async () => {
    const answer = await exchange(offline, "GET /dev/slowly HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n");
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    expect(answer.indexOf("slowly")).toBeLessThan(answer.indexOf("HTTP/1.1 400"));
  });

  it.each([
    ["without a Host", "GET /dev/items/1 HTTP/1.1\r\nConnection: close\r\n\r\n", 200],
    [
      "with an unknown expectation",
      "GET /dev/items/1 HTTP/1.1\r\nHost: a\r\nExpect: foo\r\nConnection: close\r\n\r\n",
      200,
    ],
    ["to be a proxy", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["with only a host and a query", "GET http://a?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404],
  ])("responds to a request %s, with a request id", async (_title, text, status) => {
    const answer = await exchange(offline, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\napigw-requestid: [\w-]{15}=\r\n/);
  });

  // Recorded on AWS, without Keep-Alive and Server: aws/aws-lambda-dotnet,
  // Snapshots/V2_HttpAPIHeaders.json.
  it("adds only date, connection, request id and length to a response", async () => {
    const head =
      (await exchange(offline, "GET /dev/teapot HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).split(
        "\r\n\r\n",
      )[0] ?? "";
    const names = head
      .split("\r\n")
      .slice(1)
      .map((field) => field.split(":")[0]?.toLowerCase());
    // "server" is the function's header.
    expect(names.sort()).toEqual(["apigw-requestid", "connection", "content-length", "content-type", "date", "server"]);
  });

  it("logs the number of bytes that it sends, which is 0 for HEAD and 204", async () => {
    const [head, empty, full] = [
      await fetch(`${offline.url()}/length`, { method: "HEAD" }),
      await get("/empty"),
      await get("/length"),
    ];
    expect([head.headers.get("content-length"), full.headers.get("content-length")]).toEqual(["5", "5"]);
    expect([head, empty, full].map((response) => lineOf(offline, response).length)).toEqual([0, 0, 5]);
  });

  it("keeps serving after a function returns an invalid header", async () => {
    const response = await get("/odd-headers");
    expect([response.status, response.headers.get("x-null"), response.headers.get("x-number")]).toEqual([
      200,
      null,
      "1",
    ]);
    expect(response.headers.has("trailer")).toBe(false);
    expect((await get("/items/1")).status).toBe(200);
  });

  it("ends the connection after a request to upgrade", async () => {
    const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk";
    const answer = await exchange(
      offline,
      `GET /dev/items/1 HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n\r\nGET /dev/items/2 HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain("\r\nconnection: close\r\n");
  });

  // 10,240 bytes for the request line and headers:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
  it.each([
    [10_240, 200],
    [10_241, 431],
  ])("responds to a request line and headers of %i bytes with %i", async (bytes, status) => {
    const head = "GET /dev/items/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    const many = "a: b\r\n".repeat(1000);
    const rest = bytes - head.length - many.length - "x: \r\n\r\n".length;
    const text = `${head}${many}x: ${"y".repeat(rest)}\r\n\r\n`;
    expect(text).toHaveLength(bytes);
    expect(await exchange(offline, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

describe("a gateway with CORS", () => {
  const origin = "https://app.example.com";
  const cors = { corsConfiguration: { allowOrigins: [origin], allowMethods: ["GET"] } };
  const throws = { source: "export const handler = async () => { throw new Error(); };" };
  const serving = async (api: object, stage = {}) => {
    const project = fixtureProject(
      { "GET /throws": throws, "GET /other": { source: "export const handler = async () => 1;" } },
      { api: api as never, stage },
    );
    const backend = await serve(project.folder);
    const stop = async () => {
      await backend.stop();
      project.remove();
    };
    return { backend, stop };
  };

  it(
    "responds to a preflight of any path of the stage, even if throttled, and adds no CORS headers to " + "errors",
    async () => {
      const { backend, stop } = await serving(cors, {
        defaultRouteSettings: { throttlingRateLimit: 0.01, throttlingBurstLimit: 1 },
      });
      const allowed = async (target: string) => {
        const response = await fetch(`${backend.url()}${target}`, { headers: { origin } });
        return [response.status, response.headers.get("access-control-allow-origin")];
      };
      expect(await allowed("/throws")).toEqual([500, null]);
      expect(await allowed("/throws")).toEqual([429, null]);
      expect(await allowed("/other")).toEqual([200, origin]); // a bucket of its own
      for (const target of ["/throws", "/nowhere"]) {
        const headers = { origin, "access-control-request-method": "GET" };
        const { status } = await fetch(`${backend.url()}${target}`, { method: "OPTIONS", headers });
        expect(status).toBe(204);
      }
      await stop();
    },
  );

  it("that is empty, as SST declares it for `cors: false`, sends no CORS headers", async () => {
    const { backend, stop } = await serving({ corsConfiguration: {} });
    const headers = { origin, "access-control-request-method": "GET" };
    expect((await fetch(`${backend.url()}/other`, { method: "OPTIONS", headers })).status).toBe(404);
    await stop();
  });
});

// `$default` handles OPTIONS too, with its authorizer. An OPTIONS route without an authorizer lets
// preflight requests through. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
describe("a preflight request", () => {
  const origin = "https://app.example.com";
  const answering = (text: string, route = {}) => ({
    source: `export const handler = async () => ({ statusCode: 204, headers: { "x-by": ${JSON.stringify(text)} } });`,
    route,
  });
  const api = { corsConfiguration: { allowOrigins: [origin], allowMethods: ["GET"], allowHeaders: ["x-a"] } };
  const authorizer = { issuer: "https://issuer.example", audiences: ["a"] };
  async function ask(functions: Parameters<typeof fixtureProject>[0], target: string) {
    const project = fixtureProject(functions, { api, authorizer });
    const offline = await serve(project.folder);
    const headers = { origin, "access-control-request-method": "GET" };
    const { status, headers: answer } = await fetch(`${offline.url()}${target}`, { method: "OPTIONS", headers });
    await offline.stop();
    project.remove();
    return [status, answer.get("x-by"), answer.get("access-control-allow-methods")];
  }

  it.each<[string, Parameters<typeof fixtureProject>[0], [number, string | null, string | null]]>([
    ["$default with an authorizer", { $default: answering("default", jwtRoute()) }, [401, null, null]],
    ["$default", { $default: answering("default") }, [204, "default", "GET"]],
    [
      "OPTIONS /{proxy+} beside $default with an authorizer",
      { $default: answering("default", jwtRoute()), "OPTIONS /{proxy+}": answering("options") },
      [204, "options", "GET"],
    ],
    ["OPTIONS /x with an authorizer", { "OPTIONS /x": answering("options", jwtRoute()) }, [401, null, null]],
    ["ANY /{proxy+} with an authorizer", { "ANY /{proxy+}": answering("any", jwtRoute()) }, [204, null, "GET"]],
    ["GET /x with an authorizer", { "GET /x": answering("get", jwtRoute()) }, [204, null, "GET"]],
  ])("with the route %s gets the expected response", async (_title, functions, expected) => {
    expect(await ask(functions, "/x")).toEqual(expected);
  });
});
