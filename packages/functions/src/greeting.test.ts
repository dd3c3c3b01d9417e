import { lambdaContext, type RequestChanges, requestEvent } from "@backend/testing/event";
import { GREETING_CASES } from "@backend/testing/greeting-cases";
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

describe("SecureBackendFunction", () => {
  it.each(GREETING_CASES)("returns $status for $title", async ({ request, status, headers, body }) => {
    const response = await call(request);
    expect([response.status, response.headers]).toEqual([status, headers]);
    if (body === undefined) expect(response.body).toBeUndefined();
    else expect(response.body).toMatchObject(body);
  });

  it("returns the request id and the stage", async () => {
    expect((await call()).body).toEqual({ message: "Hello World", requestId: "JCJM3j95PHcEJHg=", stage: "dev" });
  });

  it("names the request in a problem", async () => {
    expect((await post("")).body.instance).toBe("JCJM3j95PHcEJHg=");
  });

  it("reads a body in base64", async () => {
    const { body } = await post(base64('{"name":"Ädä"}'), { isBase64Encoded: true });
    expect(body.message).toBe("Hello Ädä");
  });

  it("rejects bytes that are not UTF-8", async () => {
    const { status, body } = await post(base64(Buffer.from([0x22, 0xff, 0x22])), { isBase64Encoded: true });
    expect([status, body.type]).toEqual([400, "urn:problem-type:body.encoding"]);
  });

  // HTTP clients can't send these, but direct callers of the function can.
  it.each(["get", "constructor", "__proto__"])("does not allow %s", async (method) => {
    const { status, headers, body } = await call({ method });
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, OPTIONS, POST"]);
    expect(body.detail).toBe(`The method ${method} is not allowed here. Allowed: GET, HEAD, OPTIONS, POST.`);
  });

  it.each<[string, RequestChanges, Record<string, unknown>]>([
    ["served", {}, { method: "GET", status: 200 }],
    ["rejected", { method: "PUT" }, { method: "PUT", status: 405, code: "method.not-allowed" }],
  ])("logs one record for a request that is %s, with both request ids", async (_title, changes, outcome) => {
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
