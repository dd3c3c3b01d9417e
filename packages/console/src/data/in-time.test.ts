import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, it } from "vitest";

import { inTime } from "./in-time";
import { type ApiError, isRetryable } from "./problem";

/** Never responds, or stops in the middle of a body. */
const server = createServer((request, response) => {
  if (request.url === "/stalled") response.writeHead(200, { "content-length": "100" }).write("{");
  if (request.url === "/") response.end("{}");
});
let url = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const read = (path: string) => async (signal: AbortSignal) =>
  (await (await fetch(`${url}${path}`, { signal })).json()) as unknown;

it("returns a result that arrives in time", async () => {
  expect(await inTime(read("/"), new AbortController().signal)).toEqual({});
});

it.each(["/silent", "/stalled"])("rejects %s with a retryable error", async (path) => {
  const reading = inTime(read(path), new AbortController().signal, 50);
  const error = (await reading.catch((error: unknown) => error)) as ApiError;
  expect(error).toMatchObject({ name: "ApiError", message: "No response within 0.05 seconds." });
  expect(isRetryable(error)).toBe(true);
});

it("rethrows the caller's abort", async () => {
  const abort = new AbortController();
  const reading = inTime(read("/silent"), abort.signal);
  abort.abort();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
});

it("rethrows any other error", async () => {
  await expect(inTime(() => Promise.reject(new TypeError("a defect")))).rejects.toThrow("a defect");
});
