import { fileURLToPath } from "node:url";

import { freePort } from "@backend/testing/free-port";
import { createServer } from "vite";
import { afterEach, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("Vite's dev server, in place of the site in sst dev", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each<[string, string | undefined, number, string]>([
    ["gives the configuration that sst dev hands to it", '{"stage":"ada"}', 200, '{"stage":"ada"}'],
    ["says what is missing where it was started by hand", undefined, 404, "CONSOLE_CONFIG is not set"],
  ])("%s", async (_title, given, status, text) => {
    vi.stubEnv("CONSOLE_CONFIG", given);
    const port = await freePort(); // the usual one may be taken, as by a backend that runs offline
    const server = await createServer({ root, logLevel: "error", server: { host: "127.0.0.1", port } });
    try {
      await server.listen();
      const response = await fetch(new URL("/runtime/config.json", server.resolvedUrls?.local[0]));
      expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/json"]);
      expect(await response.text()).toContain(text);
    } finally {
      await server.close();
    }
  });

  it("is where the stage's CORS and sign-in expect it", async () => {
    const server = await createServer({ root, logLevel: "error" });
    expect(server.config.server).toMatchObject({ port: 5173, strictPort: true });
    await server.close();
  });
});
