import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { parseAccessLogLine } from "@secure-backend/core/access-log/entry";
import { GREETING_CASES } from "@secure-backend/testing/greeting-cases";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type FixtureProject, fixtureProject } from "../test/project";
import { type Offline, type OfflineNews, startOffline } from "./offline";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const silent: OfflineNews = { handled: () => {}, notice: () => {}, built: () => {}, failed: () => {} };

/** The log events of an access log, as `jq .message` gives them. */
function accessLogOf(offline: Offline): Record<string, unknown>[] {
  const file = offline.backend().accessLog?.writer.file ?? "";
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { message: Record<string, unknown> }).message);
}
const idOf = (response: Response) => response.headers.get("apigw-requestid");
const lineOf = (offline: Offline, response: Response) => {
  const lines = accessLogOf(offline).filter(({ requestId }) => requestId === idOf(response));
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
};

describe("the project's own graph", () => {
  let project: string;
  let offline: Offline;
  beforeAll(async () => {
    // The repository's functions and graph, in a folder of its own: a backend that somebody runs is left alone.
    project = mkdtempSync(path.join(os.tmpdir(), "offline-"));
    mkdirSync(path.join(project, "infra/graph"), { recursive: true });
    copyFileSync(path.join(repository, "infra/graph/dev.json"), path.join(project, "infra/graph/dev.json"));
    symlinkSync(path.join(repository, "packages"), path.join(project, "packages"));
    offline = await startOffline({ project, stage: "dev", port: 0 }, silent);
  });
  afterAll(async () => {
    await offline.stop();
    rmSync(project, { recursive: true });
  });

  it.each(GREETING_CASES)("answers $title with $status, and logs it", async ({ request, status, headers, body }) => {
    const { method = "GET", body: text, isBase64Encoded } = request;
    const bytes = text === undefined ? null : isBase64Encoded ? Buffer.from(text, "base64") : Buffer.from(text);
    const init = { method, headers: request.headers ?? {}, body: bytes };
    const response = await fetch(`${offline.url()}/SecureBackendFunction`, init);
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    const answer = await response.text();
    if (body === undefined) expect(answer).toBe("");
    else expect(JSON.parse(answer)).toMatchObject(body);
    const entry = {
      httpMethod: method,
      status,
      integrationStatus: String(status),
      routeKey: "ANY /SecureBackendFunction",
    };
    expect(lineOf(offline, response)).toMatchObject({ ...entry, path: "/dev/SecureBackendFunction", stage: "dev" });
  });

  it("answers an unknown path 404 as API Gateway does, and logs it", async () => {
    const response = await fetch(`${offline.url()}/nowhere?secret=1`);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      404,
      "application/json",
      '{"message":"Not Found"}',
    ]);
    expect(lineOf(offline, response)).toMatchObject({
      status: 404,
      routeKey: "-",
      errorMessage: "Not Found",
      path: "/dev/nowhere",
    });
  });

  it("answers an unknown stage 404, and logs nothing", async () => {
    const before = accessLogOf(offline).length;
    const response = await fetch(new URL("/test/SecureBackendFunction", offline.url()));
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
    expect(idOf(response)).toMatch(/^[\w-]{15}=$/);
    expect(accessLogOf(offline)).toHaveLength(before);
  });

  it("writes lines that the project's own parser reads, and that lead to the function's log", async () => {
    const response = await fetch(`${offline.url()}/SecureBackendFunction`);
    const parsed = parseAccessLogLine(JSON.stringify(lineOf(offline, response)));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.entry).toMatchObject({ status: 200, responseLength: (await response.arrayBuffer()).byteLength });
    const streams = path.join(project, ".offline/dev/logs/aws/lambda/SecureBackendFunction-dev");
    const [log = ""] = readFileSyncAll(streams);
    const own = log
      .split("\n")
      .filter((line) => line.includes(String(parsed.entry.integrationRequestId)))
      .map((line) => JSON.parse(line).message);
    expect(own.map(({ type }) => type)).toEqual(["platform.start", undefined, "platform.report"]);
    expect(own[1].message).toMatchObject({
      requestId: idOf(response),
      lambdaRequestId: parsed.entry.integrationRequestId,
    });
  });

  it("keeps one line of JSON for every request, whatever a caller sends", async () => {
    const hostile = ['"', "\\", '\\"', "😀", "%", '","status":"200', "a\tb", `"\\😀${"a".repeat(8000)}`];
    for (const text of hostile) {
      const target = `/dev/${encodeURIComponent(text)}`;
      const bytes = Buffer.from(text).toString("latin1"); // Node.js sends headers as Latin-1: these are the bytes of UTF-8
      const requestId = await send(target.slice(0, 8192 - Math.min(8000, bytes.length)), bytes);
      const line = accessLogOf(offline).filter((entry) => entry.requestId === requestId);
      expect(line).toHaveLength(1);
      expect(line[0]?.userAgent).toBe(bytes);
      expect(line[0]?.status).toBe(404);
    }
  });

  it("logs an 8 kB path as it was sent", async () => {
    const target = `/dev/${encodeURIComponent('"\\\n😀')}${"p".repeat(8000)}`;
    const requestId = await send(target, "curl");
    expect(accessLogOf(offline).find((entry) => entry.requestId === requestId)?.path).toBe(target);
  });

  it("says what a deployment would output, with its own address", () => {
    expect(JSON.parse(readFileSync(offline.outputsFile, "utf8"))).toEqual({
      url: offline.url(),
      accessLogGroup: "/aws/apigateway/SecureBackendAPI/dev",
      accessLogFile: path.join(project, ".offline/dev/logs/aws/apigateway/SecureBackendAPI/dev/access-log.ndjson"),
    });
  });

  // The stage dev declares 100 requests a second and a burst of 200, and its CORS names http://localhost:5173.
  it("answers 429 to what is over the declared burst, before the function is called, and logs it", async () => {
    const responses = await Promise.all(
      Array.from({ length: 500 }, () => fetch(`${offline.url()}/SecureBackendFunction`)),
    );
    const refused = responses.filter(({ status }) => status === 429);
    expect(responses.length - refused.length).toBeGreaterThanOrEqual(100);
    expect(refused.length).toBeGreaterThanOrEqual(50);
    const [first] = refused;
    if (first === undefined) throw new Error("none refused");
    expect([first.headers.get("content-type"), await first.text()]).toEqual([
      "application/json",
      '{"message":"Too Many Requests"}',
    ]);
    const line = {
      status: 429,
      integrationRequestId: "-",
      errorMessage: "Too Many Requests",
      routeKey: "ANY /SecureBackendFunction",
    };
    expect(lineOf(offline, first)).toMatchObject(line);
    expect((await fetch(`${offline.url()}/nowhere`)).status).toBe(404); // no route, no bucket
  });

  it("answers a preflight itself, and logs it without a route", async () => {
    const headers = { Origin: "http://localhost:5173", "Access-Control-Request-Method": "POST" };
    const response = await fetch(`${offline.url()}/SecureBackendFunction`, { method: "OPTIONS", headers });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": "http://localhost:5173",
      "access-control-allow-methods": "GET,HEAD,POST",
      "access-control-allow-headers": "authorization,content-type,idempotency-key",
      "access-control-max-age": "3600",
    });
    expect(lineOf(offline, response)).toMatchObject({
      status: 204,
      routeKey: "-",
      integrationRequestId: "-",
      httpMethod: "OPTIONS",
    });
  });

  it("lets the declared origin read a response, no other, and no error of the gateway's own", async () => {
    await new Promise((resolve) => setTimeout(resolve, 200)); // the bucket has room again
    const read = async (target: string, origin: string) =>
      (await fetch(`${offline.url()}${target}`, { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await read("/SecureBackendFunction", "http://localhost:5173")).toBe("http://localhost:5173");
    expect(await read("/SecureBackendFunction", "https://evil.example")).toBeNull();
    expect(await read("/nowhere", "http://localhost:5173")).toBeNull();
  });

  it("answers no other interface than loopback", () => {
    expect(new URL(offline.url()).hostname).toBe("127.0.0.1");
  });

  /** @returns the request id */
  async function send(target: string, userAgent: string): Promise<string> {
    const { hostname, port } = new URL(offline.url());
    const request = httpRequest({ hostname, port, path: target, headers: { "User-Agent": userAgent } });
    request.end();
    const [response] = await once(request, "response");
    response.resume();
    await once(response, "end");
    return response.headers["apigw-requestid"];
  }
});

function readFileSyncAll(folder: string): string[] {
  return readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
}

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
      "GET /slowly": handler('await new Promise((r) => setTimeout(r, 100)); return "slowly";'),
      "GET /items/{id}": handler("return event.pathParameters;"),
      $default: handler("return event.routeKey;"),
    });
    offline = await startOffline({ project: project.folder, stage: "dev", port: 0 }, silent);
  });
  afterAll(async () => {
    await offline.stop();
    project.remove();
  });
  const get = (target: string) => fetch(`${offline.url()}${target}`);

  // Recorded: aws/aws-lambda-dotnet (500 with 35 bytes of application/json), serverless/serverless#11222 (503).
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
      'The function\'s response is malformed: header "x-a" is none that HTTP allows',
      "200",
    ],
    [
      "/header-name",
      500,
      "Internal Server Error",
      'The function\'s response is malformed: header "x a" is none that HTTP allows',
      "200",
    ],
    ["/late", 503, "Service Unavailable", "the integration took longer than 100 ms", "-"],
  ])(
    "answers %s %i, and says why in the log alone",
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

  it("logs each of many requests at once, once", async () => {
    const responses = await Promise.all(Array.from({ length: 300 }, () => fetch(`${offline.url()}/other`)));
    const ids = responses.map(idOf);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(ids).size).toBe(300);
    const logged = accessLogOf(offline).map(({ requestId }) => requestId);
    expect(ids.filter((id) => logged.filter((other) => other === id).length !== 1)).toEqual([]);
  });

  it("sets every cookie, those of the array first", async () => {
    expect((await get("/cookies")).headers.getSetCookie()).toEqual(["a=1", "b=2", "c=3"]);
  });

  it("sends bytes as they are", async () => {
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

  it("keeps a function's status and headers, but its own date", async () => {
    const { status, headers } = await get("/teapot");
    expect([status, headers.get("server"), headers.get("content-length")]).toEqual([418, "mine", "0"]);
    expect(new Date(headers.get("date") ?? "").getFullYear()).toBeGreaterThan(2000);
  });

  it("decodes path parameters, and tells the function which route it took", async () => {
    expect(await (await get("/items/a%20b%C3%A4")).json()).toEqual({ id: "a bä" });
    const response = await get("/other");
    expect(await response.text()).toBe("$default");
    expect(lineOf(offline, response)).toMatchObject({ routeKey: "$default" });
  });

  it("hands a function the body and the headers of a request", async () => {
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

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html (10 MB) and Lambda's 6 MB for an event.
  it.each([
    [10 * 1024 * 1024 + 1, 413],
    [6 * 1024 * 1024, 413],
    [4 * 1024 * 1024, 200],
  ])("answers a body of %i bytes %i", async (length, status) => {
    const init = { method: "POST", body: Buffer.alloc(length, "a"), headers: { "content-type": "text/plain" } };
    const response = await fetch(`${offline.url()}/echo`, init);
    expect(response.status).toBe(status);
    const answer = await response.text();
    if (status === 413) expect(answer).toBe('{"message":"Request Entity Too Large"}');
  });

  it("answers pipelined requests in their order", async () => {
    const second = "GET /dev/items/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const answers = await exchange(`GET /dev/slowly HTTP/1.1\r\nHost: a\r\n\r\n${second}`);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answers.indexOf("slowly")).toBeGreaterThan(0);
    expect(answers.indexOf('{"id":"2"}')).toBeGreaterThan(answers.indexOf("slowly"));
  });

  it("reads a chunked body whole, and tells the function its length", async () => {
    const fields = "Host: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close";
    const answer = await exchange(`POST /dev/echo HTTP/1.1\r\n${fields}\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n`);
    const event = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
    expect([event.body, event.headers["content-length"], event.headers["transfer-encoding"]]).toEqual([
      "abcdefg",
      "7",
      undefined,
    ]);
  });

  it("asks a client that waits for it to go on", async () => {
    const fields = "Host: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close";
    const answer = await exchange(`POST /dev/echo HTTP/1.1\r\n${fields}\r\n\r\nhi`);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it("takes no harm from a client that leaves in the middle of its request", async () => {
    const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
    socket.write("POST /dev/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    expect(await (await get("/items/1")).json()).toEqual({ id: "1" });
  });

  it("logs the request of a client that leaves before the answer", async () => {
    const logged = () => accessLogOf(offline).filter(({ path: target }) => target === "/dev/slowly").length;
    const before = logged();
    const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
    socket.write("GET /dev/slowly HTTP/1.1\r\nHost: a\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.resetAndDestroy();
    await expect.poll(logged).toBe(before + 1);
  });

  it.each([
    [
      "more than 10,240 bytes of headers",
      `GET /dev/other HTTP/1.1\r\nHost: a\r\nX-A: ${"a".repeat(11_000)}\r\n\r\n`,
      431,
    ],
    ["what is not HTTP", "GARBAGE\r\n\r\n", 400],
    [
      "a target that names a host",
      "GET http://other.example/dev/other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      200,
    ],
  ])("answers %s", async (_title, text, status) => {
    expect(await exchange(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await get("/items/1")).status).toBe(200);
  });

  /** What comes back for these bytes until the server ends the connection. */
  async function exchange(text: string): Promise<string> {
    const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
    socket.write(text);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    return answer;
  }
});

describe("while it runs", () => {
  const answering = (text: string) => ({ source: `export const handler = async () => ${JSON.stringify(text)};` });
  let project: FixtureProject;
  let offline: Offline;
  const news: string[] = [];
  beforeAll(async () => {
    project = fixtureProject({ "GET /a": answering("first") });
    const told: OfflineNews = {
      ...silent,
      notice: (text) => news.push(text),
      failed: (name, why) => news.push(`${name}: ${why}`),
    };
    offline = await startOffline({ project: project.folder, stage: "dev", port: 0 }, told);
  });
  afterAll(async () => {
    await offline.stop();
    project.remove();
  });
  const answerOf = async (target: string) => (await fetch(`${offline.url()}${target}`)).text();

  it("runs a function as it is after an edit", async () => {
    expect(await answerOf("/a")).toBe("first");
    writeFileSync(path.join(project.folder, "f0.ts"), answering("second").source);
    await expect.poll(() => answerOf("/a"), { timeout: 10_000 }).toBe("second");
  });

  it("goes on with what it has while the source is broken, and says so", async () => {
    writeFileSync(path.join(project.folder, "f0.ts"), "export const handler = async () => {");
    await expect.poll(() => news.at(-1), { timeout: 10_000 }).toBe("F0: f0.ts:1:36: Unexpected end of file");
    expect(await answerOf("/a")).toBe("second");
    writeFileSync(path.join(project.folder, "f0.ts"), answering("third").source);
    await expect.poll(() => answerOf("/a"), { timeout: 10_000 }).toBe("third");
  });

  it("serves a graph that has changed", async () => {
    expect((await fetch(`${offline.url()}/b`)).status).toBe(404);
    project.write({ "GET /a": answering("third"), "GET /b": answering("new") });
    await expect.poll(() => answerOf("/b"), { timeout: 10_000 }).toBe("new");
    expect(await answerOf("/a")).toBe("third");
  });

  it("goes on with the graph that it has while the new one cannot be served, and says so", async () => {
    writeFileSync(path.join(project.folder, "infra/graph/dev.json"), "{}");
    await expect
      .poll(() => news.at(-1), { timeout: 10_000 })
      .toMatch(/expected a deployment graph.*\nGoing on with the graph as it was/);
    expect(await answerOf("/b")).toBe("new");
  });
});

describe("a graph that would mislead", () => {
  it.each<[string, object, string]>([
    ["a Lambda authorizer", { route: { authorizationType: "CUSTOM" } }, 'route "GET /a" asks for CUSTOM authorization'],
    [
      "an authorizer that is not there",
      { route: { authorizationType: "JWT" } },
      'route "GET /a" names authorizer undefined',
    ],
    ["an IAM route", { route: { authorizationType: "AWS_IAM" } }, 'route "GET /a" asks for AWS_IAM authorization'],
    [
      "payload format 1.0",
      { integration: { payloadFormatVersion: "1.0" } },
      'route "GET /a": only AWS_PROXY integrations in payload format 2.0',
    ],
    ["a URL integration", { integration: { integrationType: "HTTP_PROXY" } }, 'route "GET /a": only AWS_PROXY'],
    [
      "a foreign function",
      { integration: { integrationUri: "arn:aws:lambda:eu-west-1:111111111111:function:Other" } },
      'route "GET /a" leads to arn:aws:lambda',
    ],
  ])("with %s is refused", async (_title, changes, message) => {
    const project = fixtureProject({ "GET /a": { source: "export const handler = 1;", ...changes } });
    await expect(startOffline({ project: project.folder, stage: "dev", port: 0 }, silent)).rejects.toThrow(message);
    project.remove();
  });

  it("with an access-log format that API Gateway refuses is refused", async () => {
    const project = fixtureProject({}, { format: "$context.requestId $context.rawQueryString" });
    await expect(startOffline({ project: project.folder, stage: "dev", port: 0 }, silent)).rejects.toThrow(
      "$context.rawQueryString",
    );
    project.remove();
  });
});

describe("the end", () => {
  it("waits for requests in flight, and takes no new ones", async () => {
    const source =
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return "done"; };';
    const project = fixtureProject({ "GET /a": { source } });
    const offline = await startOffline({ project: project.folder, stage: "dev", port: 0 }, silent);
    await (await fetch(`${offline.url()}/a`)).text();
    const url = offline.url();
    const running = fetch(`${url}/a`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = offline.stop();
    await expect(fetch(`${url}/a`)).rejects.toThrow("fetch failed");
    const response = await running;
    expect([response.status, await response.text()]).toEqual([200, "done"]);
    await stopped;
    expect(accessLogOf(offline).map(({ status }) => status)).toEqual([200, 200]);
    project.remove();
  });
});
