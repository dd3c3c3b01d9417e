import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import os from "node:os";
import path from "node:path";

import { parseAccessLogLine } from "@backend/platform/access-log/entry";
import { loadGraph } from "@backend/sst-graph/load";
import { APP, withPrefix } from "@backend/testing/app";
import { GREETING_CASES } from "@backend/testing/greeting-cases";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { accessLogOf, functionLogOf, idOf, lineOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Offline } from "./offline";

describe("the project's own graph", () => {
  // A copy, so that the test does not disturb a stage that a developer runs.
  const { folder: project, remove } = repositoryCopy();
  let offline: Offline;
  beforeAll(async () => {
    offline = await serve(project);
  });
  afterAll(async () => {
    await offline.stop();
    remove();
  });

  it.each(GREETING_CASES)(
    "responds to $title with $status, and logs it",
    async ({ request, status, headers, body }) => {
      const { method = "GET", body: text, isBase64Encoded } = request;
      const bytes = text === undefined ? null : isBase64Encoded ? Buffer.from(text, "base64") : Buffer.from(text);
      const init = { method, headers: request.headers ?? {}, body: bytes };
      const response = await fetch(`${offline.url()}/SecureBackendFunction`, init);
      expect(response.status).toBe(status);
      expect(Object.fromEntries(response.headers)).toMatchObject(headers);
      const responseText = await response.text();
      if (body === undefined) expect(responseText).toBe("");
      else expect(JSON.parse(responseText)).toMatchObject(body);
      const entry = {
        httpMethod: method,
        status,
        integrationStatus: String(status),
        routeKey: "ANY /SecureBackendFunction",
      };
      expect(lineOf(offline, response)).toMatchObject({ ...entry, path: "/dev/SecureBackendFunction", stage: "dev" });
    },
  );

  it("responds to an unknown path with 404 as API Gateway does, and logs it", async () => {
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
      errorType: "RESOURCE_NOT_FOUND",
      path: "/dev/nowhere",
    });
  });

  it("responds to an unknown stage with 404, and logs nothing", async () => {
    const before = accessLogOf(offline).length;
    const response = await fetch(new URL("/test/SecureBackendFunction", offline.url()));
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
    expect(idOf(response)).toMatch(/^[\w-]{15}=$/);
    expect(accessLogOf(offline)).toHaveLength(before);
  });

  it("writes access log entries that the project's parser reads, with the id of the invocation", async () => {
    const response = await fetch(`${offline.url()}/SecureBackendFunction`);
    const parsed = parseAccessLogLine(JSON.stringify(lineOf(offline, response)));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.entry).toMatchObject({ status: 200, responseLength: (await response.arrayBuffer()).byteLength });
    const own = functionLogOf(project, `${withPrefix("SecureBackendFunction")}-dev`)
      .filter((line) => line.includes(String(parsed.entry.integrationRequestId)))
      .map((line) => JSON.parse(line).message);
    expect(own.map(({ type }) => type)).toEqual(["platform.start", undefined, "platform.report"]);
    expect(own[1].message).toMatchObject({
      requestId: idOf(response),
      lambdaRequestId: parsed.entry.integrationRequestId,
    });
  });

  it("writes one line of JSON for each request, even with hostile paths and headers", async () => {
    const hostile = ['"', "\\", '\\"', "😀", "%", '","status":"200', "a\tb", `"\\😀${"a".repeat(8000)}`];
    for (const text of hostile) {
      const target = `/dev/${encodeURIComponent(text)}`;
      const bytes = Buffer.from(text).toString("latin1"); // Node.js writes headers as Latin-1: these are UTF-8 bytes
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

  it("writes the outputs of a deployment, with local addresses", () => {
    const issuer = expect.stringMatching(new RegExp(`^${offline.endpointUrl}/${APP.region}_\\w{9}$`));
    expect(JSON.parse(readFileSync(offline.outputsFile, "utf8"))).toEqual({
      url: offline.url(),
      issuer,
      authUrl: issuer,
      webClientId: expect.stringMatching(/^\w{26}$/),
      machineClientId: expect.stringMatching(/^\w{26}$/),
      userPoolId: expect.stringMatching(new RegExp(`^${APP.region}_\\w{9}$`)),
      awsEndpointUrl: offline.endpointUrl,
      consoleUrl: expect.stringMatching(/^https:/),
      accessLogGroup: `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`,
      accessLogFile: path.join(
        project,
        `.offline/dev/logs/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev/access-log.ndjson`,
      ),
    });
  });

  it("responds to a preflight without a function, and logs it without a route", async () => {
    const { resources } = loadGraph(path.join(project, "infra/graph/dev.json"));
    const api = resources.find(({ type }) => type === "aws:apigatewayv2/api:Api");
    const cors = api?.inputs.corsConfiguration as { allowMethods: string[]; allowHeaders: string[]; maxAge: number };
    const headers = { Origin: "http://localhost:5173", "Access-Control-Request-Method": "POST" };
    const response = await fetch(`${offline.url()}/SecureBackendFunction`, { method: "OPTIONS", headers });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": "http://localhost:5173",
      "access-control-allow-methods": cors.allowMethods.join(),
      "access-control-allow-headers": cors.allowHeaders.join(),
      "access-control-max-age": String(cors.maxAge),
    });
    expect(lineOf(offline, response)).toMatchObject({
      status: 204,
      routeKey: "-",
      integrationRequestId: "-",
      httpMethod: "OPTIONS",
    });
  });

  it("lets only the declared origin read a function's response, and no origin a gateway's error", async () => {
    const read = async (target: string, origin: string) =>
      (await fetch(`${offline.url()}${target}`, { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await read("/SecureBackendFunction", "http://localhost:5173")).toBe("http://localhost:5173");
    expect(await read("/SecureBackendFunction", "https://evil.example")).toBeNull();
    expect(await read("/nowhere", "http://localhost:5173")).toBeNull();
  });

  // On Linux, 127.0.0.2 is loopback too. A server on all interfaces is reachable there.
  it("listens only on 127.0.0.1", async () => {
    const { port } = new URL(offline.url());
    const others = Object.values(os.networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal);
    for (const address of ["127.0.0.2", ...others.map((other) => other.address)]) {
      await expect(
        fetch(`http://${address}:${port}/dev/SecureBackendFunction`, { signal: AbortSignal.timeout(2000) }),
      ).rejects.toThrow();
    }
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

it("responds with 429 to requests over the declared burst, without the function, and logs them", async () => {
  const copy = repositoryCopy(({ resources }) => {
    for (const { type, inputs } of resources) {
      if (type !== "aws:apigatewayv2/stage:Stage") continue;
      inputs.defaultRouteSettings = { throttlingRateLimit: 0.001, throttlingBurstLimit: 2 };
    }
  });
  const offline = await serve(copy.folder);
  const responses = [];
  for (let n = 0; n < 3; n++) responses.push(await fetch(`${offline.url()}/SecureBackendFunction`));
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
  const [, , refused] = responses;
  if (refused === undefined) throw new Error("expected three responses");
  expect([refused.headers.get("content-type"), await refused.text()]).toEqual([
    "application/json",
    '{"message":"Too Many Requests"}',
  ]);
  expect(lineOf(offline, refused)).toMatchObject({
    status: 429,
    integrationRequestId: "-",
    errorMessage: "Too Many Requests",
    routeKey: "ANY /SecureBackendFunction",
  });
  expect((await fetch(`${offline.url()}/nowhere`)).status).toBe(404); // a path without a route is not throttled
  await offline.stop();
  copy.remove();
});
