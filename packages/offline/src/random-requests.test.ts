import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

import { type FixtureProject, fixtureProject } from "../test/project";
import { RawClient } from "../test/raw-client";
import { serve } from "../test/serving";
import type { Offline } from "./offline";

const REQUESTS = 100_000;
const CONNECTIONS = 32;
const SEED = 20261123;

let project: FixtureProject;
let offline: Offline;
beforeAll(async () => {
  const handler = (body: string) => ({ source: `export const handler = async (event: any) => ${body};` });
  project = fixtureProject(
    {
      "ANY /echo": handler(
        "({ statusCode: 200, headers: { 'x-path': encodeURIComponent(event.rawPath) }, body: event.body ?? '' })",
      ),
      "GET /items/{id}": handler("event.pathParameters"),
      "ANY /greedy/{proxy+}": handler("event.queryStringParameters ?? {}"),
      "GET /throws": handler("{ throw new Error(event.rawQueryString); }"),
    },
    {
      api: {
        corsConfiguration: { allowOrigins: ["https://app.example.com"], allowMethods: ["GET"], allowHeaders: ["x-a"] },
      },
      stage: { defaultRouteSettings: { throttlingRateLimit: 1_000_000, throttlingBurstLimit: 1_000_000 } },
    },
  );
  offline = await serve(project.folder);
});
afterAll(async () => {
  await offline.stop();
  project.remove();
});

/** Mostly what a decent client sends, once in a while what none does. */
const mostly = <T>(decent: fc.Arbitrary<T>, hostile: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: decent, weight: 19 }, { arbitrary: hostile, weight: 1 });

const METHODS = ["GET", "GET", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"];
const method = mostly(fc.constantFrom(...METHODS), fc.constantFrom("get", "G T", "", "\u0000"));
const WORDS = [
  "echo",
  "items",
  "greedy",
  "throws",
  "dev",
  "",
  ".",
  "..",
  "%",
  "%zz",
  "%2F",
  "%3F",
  "%00",
  "%ff",
  "%0d%0aX-Injected:1",
];
const piece = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.string({ unit: "grapheme", maxLength: 12 }).map(encodeURIComponent),
  fc.string({ unit: fc.constantFrom(..."\"'\\<>{}|^`;,[]~!*()"), maxLength: 8 }),
  fc.integer({ min: 0, max: 4000 }).map((length) => "p".repeat(length)),
);
const PREFIXES = ["/dev/echo", "/dev/echo", "/dev/items", "/dev/greedy", "/dev/throws", "/dev", "/test", ""];
const target = fc
  .tuple(fc.constantFrom(...PREFIXES), fc.array(piece, { maxLength: 2 }), fc.array(piece, { maxLength: 3 }))
  .map(
    ([prefix, path, query]) =>
      `${[prefix, ...path].join("/") || "/"}${query.length > 0 ? `?${query.join("&a=")}` : ""}`,
  );
const NAMES = [
  "X-A",
  "x-a",
  "Cookie",
  "User-Agent",
  "Origin",
  "Content-Type",
  "X-Forwarded-For",
  "Access-Control-Request-Method",
  "__proto__",
];
const VALUES = ["application/json", "https://app.example.com", "a=1; b=2", ""];
const INJECTIONS = ["a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\r\n folded", "\u0000", "\u007f"];
const printable = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .map((text) => Buffer.from(text.replaceAll(/\p{Cc}/gu, "")).toString("latin1"));
const header = fc.tuple(
  mostly(fc.constantFrom(...NAMES), fc.constantFrom("X Bad", "", "X\u0000")),
  mostly(fc.oneof(fc.constantFrom(...VALUES), printable), fc.constantFrom(...INJECTIONS)),
);
const request = fc.record({
  method,
  target,
  headers: fc.array(header, { maxLength: 4 }),
  body: fc.option(fc.string({ unit: "binary", maxLength: 60 })),
  chunked: fc.boolean(),
});

type RandomRequest = typeof request extends fc.Arbitrary<infer T> ? T : never;

function bytesOf({ method: verb, target: path, headers, body, chunked }: RandomRequest): Buffer {
  const content = Buffer.from(body ?? "");
  const framing = body === null ? [] : chunked ? ["Transfer-Encoding: chunked"] : [`Content-Length: ${content.length}`];
  const head = [
    `${verb} ${path} HTTP/1.1`,
    "Host: a",
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framing,
    "",
    "",
  ].join("\r\n");
  if (body === null || !chunked) return Buffer.concat([Buffer.from(head, "latin1"), content]);
  const chunk = content.length === 0 ? "" : `${content.length.toString(16)}\r\n${content.toString("latin1")}\r\n`;
  return Buffer.from(`${head}${chunk}0\r\n\r\n`, "latin1");
}

it(`answers each of ${REQUESTS.toLocaleString("en")} random requests with HTTP, and logs it once if a stage took it`, async () => {
  const port = Number(new URL(offline.url()).port);
  const statuses = new Map<number, number>();
  const expected = new Set<string>();
  const requests = fc.sample(request, { numRuns: REQUESTS, seed: SEED })[Symbol.iterator]();

  async function client(): Promise<void> {
    const connection = new RawClient(port);
    for (const next of requests) {
      const { status, headers, body } = await connection.send(bytesOf(next), next.method === "HEAD");
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const requestId = headers.get("apigw-requestid");
      expect(headers.has("x-injected")).toBe(false);
      if (requestId === undefined) throw new Error(`an answer of status ${status} has no request id`);
      if (status !== 400 && status !== 431) {
        expect(expected.has(requestId)).toBe(false);
        expected.add(requestId);
        if (status >= 500)
          expect(body.toString() || '{"message":"Internal Server Error"}').toBe('{"message":"Internal Server Error"}');
      }
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, client));

  expect([...statuses.values()].reduce((sum, count) => sum + count)).toBe(REQUESTS);
  for (const status of [200, 204, 400, 404, 500])
    expect(statuses.get(status) ?? 0, `of status ${status}`).toBeGreaterThan(20);
  const logged = new Set<string>();
  for await (const line of createInterface({
    input: createReadStream(offline.running().accessLog?.file ?? ""),
  })) {
    const { requestId, path: of } = (JSON.parse(line) as { message: { requestId: string; path: string } }).message;
    expect(expected.has(requestId) && !logged.has(requestId), requestId).toBe(true);
    expect(decodeURIComponentOr(of)).toMatch(/^\/dev(\/|$)/);
    logged.add(requestId);
  }
  const unlogged = expected.size - logged.size; // no stage took them
  expect(unlogged).toBeGreaterThan(100);
  console.log(
    `${REQUESTS} requests: ${[...statuses]
      .sort()
      .map(([status, count]) => `${count} x ${status}`)
      .join(", ")}; ${logged.size} lines, ${unlogged} without a stage`,
  );
}, 180_000);

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
