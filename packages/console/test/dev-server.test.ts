import { fileURLToPath } from "node:url";

import { freePort } from "@backend/testing/free-port";
import { createServer } from "vite";
import { afterEach, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("Vite's dev server, which sst dev uses instead of the site", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each<[string, string | undefined, number, string]>([
    ["serves the configuration from sst dev", '{"stage":"ada"}', 200, '{"stage":"ada"}'],
    ["explains what is missing if it was started by hand", undefined, 404, "CONSOLE_CONFIG is not set"],
  ])("%s", async (_title, config, status, text) => {
    vi.stubEnv("CONSOLE_CONFIG", config);
    const port = await freePort(); // the default port may be in use
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

  it("uses the port that the stage's CORS and sign-in allow", async () => {
    const server = await createServer({ root, logLevel: "error" });
    expect(server.config.server).toMatchObject({ port: 5173, strictPort: true });
    await server.close();
  });
});
