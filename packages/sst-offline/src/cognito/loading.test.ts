import { expect, it, vi } from "vitest";

import { serveUserPool } from "../../test/user-pool";

const failures = vi.hoisted(() => ({ left: 1 }));
vi.mock("./issuer", async (original) => {
  const issuer = await original<typeof import("./issuer")>();
  return {
    createIssuer(...parameters: Parameters<typeof issuer.createIssuer>) {
      if (failures.left-- > 0) throw new Error("EMFILE: too many open files");
      return issuer.createIssuer(...parameters);
    },
  };
});

it("an issuer that failed to load is loaded at the next request", async () => {
  const { pools, issuer, close } = await serveUserPool();
  const request = { url: `${new URL(issuer).pathname}/oauth2/token` } as Parameters<typeof pools.handle>[0];
  await expect(pools.handle(request, {} as Parameters<typeof pools.handle>[1])).rejects.toThrow("EMFILE");
  expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200);
  await close();
});
