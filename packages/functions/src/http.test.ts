import { lambdaContext, requestEvent } from "@secure-backend/testing/event";
import { expect, it, vi } from "vitest";

import { http } from "./http";

it("answers 500 to an error nobody expected, tells the caller nothing of it, and logs it once", async () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const times = [1000, 1042];
  const fail = () => {
    throw new TypeError("cannot read hunter2");
  };
  const response = await http({ GET: fail }, () => times.shift() ?? 0)(requestEvent(), lambdaContext);
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
