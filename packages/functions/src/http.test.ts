import { lambdaContext, requestEvent } from "@secure-backend/testing/event";
import { expect, it, vi } from "vitest";

import { http } from "./http";

it("answers 500 to an error nobody expected, tells the caller nothing of it, and logs it once", async () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const times = [1000, 1042];
  const fail = () => {
    throw new TypeError("cannot read hunter2");
  };
  const response = await http({ GET: fail }, { now: () => times.shift() ?? 0 })(requestEvent(), lambdaContext);
  expect(response).toMatchObject({ statusCode: 500, headers: { "content-type": "application/problem+json" } });
  expect(response.body).not.toContain("hunter2");
  expect(error.mock.calls).toEqual([
    [
      expect.objectContaining({
        status: 500,
        durationMs: 42,
        error: { name: "TypeError", message: "cannot read hunter2", stack: expect.stringContaining("http.test") },
      }),
    ],
  ]);
});

it("allows the methods that it is given, and HEAD only with GET", async () => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  const handler = http({ POST: () => ({ status: 201, body: {} }) });
  const { statusCode, headers } = await handler(requestEvent({ method: "HEAD" }), lambdaContext);
  expect([statusCode, headers?.allow]).toEqual([405, "OPTIONS, POST"]);
  expect(await handler(requestEvent({ method: "POST" }), lambdaContext)).toMatchObject({ statusCode: 201, body: "{}" });
});

it("names an event that is of another format", async () => {
  const event = { ...requestEvent(), version: "1.0" };
  await expect(http({})(event, lambdaContext)).rejects.toThrow('payload format 2.0, got version "1.0"');
});

const secret = "s".repeat(32);
const edge = { "x-origin-secret": secret, "x-viewer-address": "2001:db8::1", "x-forwarded-host": "api.example.com" };
const whoAmI = http(
  { GET: ({ sourceIp, domainName }) => ({ status: 200, body: { sourceIp, domainName } }) },
  { secrets: [secret] },
);

it("answers who came through the edge, and knows the address and the host that the edge was asked from and at", async () => {
  const info = vi.spyOn(console, "info").mockImplementation(() => {});
  const response = await whoAmI(requestEvent({ headers: edge }), lambdaContext);
  expect(JSON.parse(response.body ?? "")).toEqual({ sourceIp: "2001:db8::1", domainName: "api.example.com" });
  expect(info).toHaveBeenCalledWith(expect.objectContaining({ status: 200, viewerAddress: "2001:db8::1" }));
});

it.each([{}, { ...edge, "x-origin-secret": "s".repeat(31) }, { "x-viewer-address": "2001:db8::1" }])(
  "refuses who did not, whatever the method, and says nothing of the secret: %j",
  async (headers) => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    for (const method of ["GET", "OPTIONS", "DELETE"]) {
      const response = await whoAmI(requestEvent({ method, headers }), lambdaContext);
      expect(response.statusCode).toBe(403);
      expect(JSON.parse(response.body ?? "")).toMatchObject({ type: expect.stringMatching(/access\.edge$/) });
    }
    expect(JSON.stringify(info.mock.calls)).not.toContain("sss");
  },
);

it("believes no header of an edge where the stage has none", async () => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  const handler = http({ GET: ({ sourceIp }) => ({ status: 200, body: { sourceIp } }) }, { secrets: [] });
  const { body } = await handler(requestEvent({ headers: edge }), lambdaContext);
  expect(body).not.toContain("2001:db8::1");
});
