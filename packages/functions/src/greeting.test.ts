import { lambdaContext, type RequestChanges, requestEvent } from "@secure-backend/testing/event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { handler } from "./greeting";

const records: unknown[][] = [];
beforeEach(() => {
  records.length = 0;
  for (const level of ["info", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => void records.push([level, ...args]));
  }
});

async function call(changes: RequestChanges = {}) {
  const { statusCode, headers = {}, body, ...rest } = await handler(requestEvent(changes), lambdaContext);
  expect(rest).toEqual({});
  return { status: statusCode, headers, body: body === undefined ? undefined : JSON.parse(body) };
}
const post = (body: string | undefined, changes: RequestChanges = {}) =>
  call({
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body }),
    ...changes,
  });
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString("base64");

const origin = { requestId: "JCJM3j95PHcEJHg=", stage: "dev" };
// OWASP REST Security Cheat Sheet, "Security Headers".
const security = {
  "cache-control": "no-store",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
};

describe("SecureBackendFunction", () => {
  it("answers GET with the greeting", async () => {
    expect(await call()).toEqual({
      status: 200,
      headers: { "content-type": "application/json", ...security },
      body: { message: "Hello World", ...origin },
    });
  });

  it("answers HEAD as GET, without a body", async () => {
    expect(await call({ method: "HEAD" })).toEqual({
      status: 200,
      headers: { "content-type": "application/json", ...security },
      body: undefined,
    });
  });

  it("tells OPTIONS what there is", async () => {
    const { status, headers, body } = await call({ method: "OPTIONS" });
    expect([status, headers.allow, body]).toEqual([204, "GET, HEAD, OPTIONS, POST", undefined]);
  });

  it.each(["application/json", "application/json; charset=utf-8", "Application/JSON ;charset=UTF-8"])(
    "greets by name: %s",
    async (contentType) => {
      const { status, body } = await post('{"name":"Ada"}', { headers: { "content-type": contentType } });
      expect([status, body]).toEqual([200, { message: "Hello Ada", ...origin }]);
    },
  );

  it("reads a body in base64", async () => {
    const { body } = await post(base64('{"name":"Ädä"}'), { isBase64Encoded: true });
    expect(body.message).toBe("Hello Ädä");
  });

  it.each<[string, RequestChanges, number, string]>([
    ["no body", {}, 400, "body.missing"],
    ["an empty body", { body: "" }, 400, "body.missing"],
    ["half a body", { body: '{"name":' }, 400, "body.json"],
    ["a text that is not JSON", { body: "Ada" }, 400, "body.json"],
    [
      "bytes that are not UTF-8",
      { body: base64(Buffer.from([0x22, 0xff, 0x22])), isBase64Encoded: true },
      400,
      "body.encoding",
    ],
    ["a wrong type", { body: '{"name":1}' }, 400, "input.invalid"],
    ["a name that is too long", { body: JSON.stringify({ name: "a".repeat(101) }) }, 400, "input.invalid"],
    ["a property too many", { body: '{"name":"Ada","__proto__":{}}' }, 400, "input.invalid"],
    ["no content type", { body: "{}", headers: {} }, 415, "body.media-type"],
    [
      "a form",
      {
        body: base64("name=Ada"),
        isBase64Encoded: true,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
      415,
      "body.media-type",
    ],
    ["a longer media type", { body: "{}", headers: { "content-type": "application/jsonp" } }, 415, "body.media-type"],
    ["65,537 bytes", { body: JSON.stringify({ name: "a".repeat(65_537 - 11) }) }, 413, "body.too-large"],
    [
      "65,536 bytes with too long a name",
      { body: JSON.stringify({ name: "a".repeat(65_536 - 11) }) },
      400,
      "input.invalid",
    ],
  ])("refuses %s", async (_title, changes, status, code) => {
    const response = await call({ method: "POST", headers: { "content-type": "application/json" }, ...changes });
    expect(response.status).toBe(status);
    expect(response.headers).toEqual({ "content-type": "application/problem+json", ...security });
    expect(response.body).toMatchObject({
      type: `urn:secure-backend:problem:${code}`,
      status,
      instance: origin.requestId,
    });
  });

  it.each(["PUT", "DELETE", "PATCH", "get", "constructor", "__proto__"])("does not allow %s", async (method) => {
    const { status, headers, body } = await call({ method });
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, OPTIONS, POST"]);
    expect(headers).toMatchObject(security);
    expect(body).toMatchObject({
      title: "Method Not Allowed",
      detail: `The method ${method} is not allowed here. Allowed: GET, HEAD, OPTIONS, POST.`,
    });
  });

  it.each<[string, RequestChanges, Record<string, unknown>]>([
    ["served", {}, { method: "GET", status: 200 }],
    ["refused", { method: "PUT" }, { method: "PUT", status: 405, code: "method.not-allowed" }],
  ])("writes one record of a request that is %s, with both request ids", async (_title, changes, outcome) => {
    await call(changes);
    expect(records).toEqual([
      [
        "info",
        {
          requestId: "JCJM3j95PHcEJHg=",
          lambdaRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
          routeKey: "ANY /SecureBackendFunction",
          durationMs: expect.any(Number),
          ...outcome,
        },
      ],
    ]);
  });

  it("logs nothing of body or headers", async () => {
    await post('{"name":"hunter2"}', { headers: { "content-type": "application/json", authorization: "hunter2" } });
    await post('{"hunter2":1}');
    expect(JSON.stringify(records)).not.toContain("hunter2");
  });
});
