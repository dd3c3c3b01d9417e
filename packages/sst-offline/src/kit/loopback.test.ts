import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { guardLoopback } from "./loopback";

const CONSOLE = "http://localhost:5173";
let server: Server;
let port: number;
beforeAll(async () => {
  const findRefusal = guardLoopback([CONSOLE]);
  server = createServer((request, response) => {
    const reason = findRefusal(request);
    response.writeHead(reason === undefined ? 200 : 403).end(reason);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

async function send(method: string, headers: Record<string, string>): Promise<[number, string]> {
  const request = httpRequest({ port, host: "127.0.0.1", method, headers, setHost: false });
  request.end();
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return [response.statusCode, text];
}

// Host, Origin and Sec-Fetch-Site as recorded from Chromium 147, for requests of a page at
// http://evil.example:42079 to a server on loopback.
describe("a request of a foreign page", () => {
  const page = "http://evil.example:42079";
  const cross = { "Sec-Fetch-Site": "cross-site" };
  it.each<[string, string, Record<string, string>]>([
    ["fetch()", "GET", { ...cross, Origin: page }],
    ["fetch() to localhost", "GET", { ...cross, Origin: page, Host: "localhost" }],
    [
      "fetch() without reading the response",
      "POST",
      { ...cross, Origin: page, "Content-Type": "text/plain;charset=UTF-8" },
    ],
    ["a preflight for JSON", "OPTIONS", { ...cross, Origin: page, "Access-Control-Request-Method": "POST" }],
    ["a form", "POST", { ...cross, Origin: page, "Content-Type": "application/x-www-form-urlencoded" }],
    ["a sandboxed frame", "GET", { ...cross, Origin: "null" }],
    ["an image", "GET", cross],
    ["an image of a page on another port of this machine", "GET", { "Sec-Fetch-Site": "same-site" }],
  ])("is rejected: %s", async (_title, method, headers) => {
    const { Host = "127.0.0.1", ...rest } = headers;
    const [status] = await send(method, { Host: `${Host}:${port}`, ...rest });
    expect(status).toBe(403);
  });

  it("is rejected under a foreign host name that resolves to loopback", async () => {
    const same = { "Sec-Fetch-Site": "same-origin" };
    expect(await send("GET", { Host: `rebind.example:${port}`, ...same })).toEqual([
      403,
      `Host is "rebind.example:${port}", expected 127.0.0.1:${port} or localhost:${port}`,
    ]);
  });
});

describe("the guard", () => {
  it.each<[string, Record<string, string>]>([
    ["a program without any of these headers, such as the AWS CLI", {}],
    ["the console's page", { Origin: CONSOLE, "Sec-Fetch-Site": "same-site" }],
    ["an address that a user typed in", { "Sec-Fetch-Site": "none" }],
  ])("accepts %s", async (_title, headers) => {
    expect(await send("GET", { Host: `127.0.0.1:${port}`, ...headers })).toEqual([200, ""]);
  });

  it.each(["127.0.0.1", "localhost:1", "127.0.0.1.evil.example", "", "[::1]"])("rejects the Host %j", async (host) => {
    expect((await send("GET", { Host: host }))[0]).toBe(403);
  });

  it("rejects an origin that only begins like an allowed one", async () => {
    expect((await send("GET", { Host: `127.0.0.1:${port}`, Origin: `${CONSOLE}.evil.example` }))[0]).toBe(403);
  });
});
