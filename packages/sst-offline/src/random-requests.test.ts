import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import { SEED, sampled } from "@backend/testing/sampling";
import { serve } from "@backend/testing/serving";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FixtureApi, type FixtureFunction, fixtureProject, fixtureResource } from "../test/project";
import { arbitraryRequest, bytesOf, isInStage, type RandomRequest } from "../test/random-requests";
import { RawClient } from "../test/raw-client";
import type { Offline } from "./offline";

const CONNECTIONS = 32;
const { numRuns: REQUESTS } = sampled({ suite: 2_000, soak: 100_000 });

const handler = (body: string, lambda: FixtureFunction["lambda"] = {}): FixtureFunction => ({
  source: `let calls = 0; export const handler = async (event: any) => { calls++; ${body} };`,
  lambda,
});

const functions: Record<string, FixtureFunction> = {
  "ANY /echo": handler(
    "return { statusCode: 200, headers: { 'x-path': encodeURIComponent(event.rawPath) }, body: event.body ?? '' };",
  ),
  "GET /items/{id}": handler("return event.pathParameters;"),
  "ANY /greedy/{proxy+}": handler("return event.queryStringParameters ?? {};"),
  "GET /throws": handler("throw new Error(event.rawQueryString);"),
  // Some of the calls end the environment, never return, return close to the timeout, or leave
  // promises and timers.
  "GET /crashes": handler("if (calls % 3 === 0) process.exit(1); return {};"),
  "GET /hangs": handler("if (calls % 3 === 0) await new Promise((r) => setTimeout(r, 60_000)); return {};", {
    timeout: 0.2,
  }),
  "GET /late": handler("await new Promise((r) => setTimeout(r, 97 + (calls % 7))); return {};", { timeout: 0.1 }),
  "GET /leaks": handler(
    "void (async () => { await null; throw new Error('nobody awaits me'); })(); setTimeout(() => {}, 5); return {};",
  ),
};

const api: FixtureApi = {
  api: {
    corsConfiguration: { allowOrigins: ["https://app.example.com"], allowMethods: ["GET"], allowHeaders: ["x-a"] },
  },
  stage: { defaultRouteSettings: { throttlingRateLimit: 1_000_000, throttlingBurstLimit: 1_000_000 } },
};

// A viewer function as SST writes it. It fails for some requests, and returns a response for
// others.
const VIEWER = `async function handler(event) {
  const { request } = event;
  request.headers["x-forwarded-host"] = request.headers.host;
  if (request.uri.includes("/redirect")) return { statusCode: 302, headers: { location: { value: "/dev/echo" } } };
  if (request.uri.includes("/broken")) throw new Error("broken");
  return request;
}`;
const viewer = fixtureResource("aws:cloudfront/function:Function", "Viewer", { name: "Viewer", code: VIEWER });
const API = "urn:pulumi:dev::fixture::aws:apigatewayv2/api:Api::Api";
const edge = [
  viewer,
  fixtureResource("aws:cloudfront/distribution:Distribution", "Edge", {
    origins: [{ originId: "api", domainName: `\${${API}#id}.execute-api.eu-west-1.amazonaws.com` }],
    defaultCacheBehavior: {
      targetOriginId: "api",
      functionAssociations: [{ eventType: "viewer-request", functionArn: { ref: `${viewer.urn}#arn` } }],
    },
  }),
];

describe.each([
  ["an API", api, [200, 204, 400, 404, 500]],
  ["an API behind an edge", { ...api, resources: edge }, [200, 204, 302, 400, 404, 500, 503]],
] as const)("%s", (_title, declared, statuses) => {
  it(`responds to each of ${REQUESTS.toLocaleString("en")} random requests, and logs those of its stage`, {
    tags: ["sampled"],
  }, async () => {
    const project = fixtureProject(functions, declared);
    const offline = await serve(project.folder);
    const { counts, expected } = await sendAll(offline);
    const logged = await loggedIds(offline);
    await offline.stop();
    project.remove();

    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(REQUESTS);
    expect(logged.filter((id) => !expected.has(id))).toEqual([]);
    expect(new Set(logged).size).toBe(logged.length);
    const lines = new Set(logged);
    expect([...expected].filter((id) => !lines.has(id))).toEqual([]);
    for (const status of statuses)
      expect(counts.get(status) ?? 0, `responses with status ${status}`).toBeGreaterThan(0);
    const shown = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`);
    if (REQUESTS > 10_000) console.log(`${REQUESTS} requests: ${shown.join(", ")}; ${logged.length} lines`);
  });
});

/** Returns the number of responses by status, and the request ids that the access log must have. */
async function sendAll(offline: Offline) {
  const port = Number(new URL(offline.url()).port);
  const counts = new Map<number, number>();
  const expected = new Set<string>();
  const requests = fc.sample(arbitraryRequest, { numRuns: REQUESTS, seed: SEED })[Symbol.iterator]();

  async function client(): Promise<void> {
    const connection = new RawClient(port);
    for (const next of requests) await send(connection, next);
    connection.close();
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { counts, expected };

  async function send(connection: RawClient, request: RandomRequest): Promise<void> {
    const { status, headers, body } = await connection.send(bytesOf(request), request.method === "HEAD");
    counts.set(status, (counts.get(status) ?? 0) + 1);
    const shown = JSON.stringify({ request, status });
    expect(headers.has("x-injected"), shown).toBe(false);
    if (headers.has("x-cache")) return; // a response of CloudFront: the request did not reach the API
    const requestId = headers.get("apigw-requestid") ?? "";
    expect(requestId, shown).toMatch(/^[\w-]{15}=$/);
    expect(expected.has(requestId), shown).toBe(false);
    if (status >= 500) expect(body.toString() || INTERNAL, shown).toBe(status === 503 ? UNAVAILABLE : INTERNAL);
    // 400 and 431 come from the HTTP server: no function of this project returns them.
    if (status !== 400 && status !== 431 && isInStage(request.target)) expected.add(requestId);
  }
}
const INTERNAL = '{"message":"Internal Server Error"}';
const UNAVAILABLE = '{"message":"Service Unavailable"}';

async function loggedIds(offline: Offline): Promise<string[]> {
  const ids: string[] = [];
  const input = createReadStream(offline.running().accessLog?.file ?? "");
  for await (const line of createInterface({ input })) {
    const { requestId } = (JSON.parse(line) as { message: { requestId: string } }).message;
    ids.push(requestId);
  }
  return ids;
}
