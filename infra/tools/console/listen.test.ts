import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { UsageError } from "@backend/sst-graph/usage-error";
import { afterEach, describe, expect, it } from "vitest";

import { type Listening, listenOnLocalhost } from "./listen";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** Takes a free port on one address. */
async function take(host: string, port = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return (server.address() as AddressInfo).port;
}

async function listen(port: number, tries: number): Promise<Listening> {
  const listening = await listenOnLocalhost((_, response) => response.end("here"), { port, tries, notice: () => {} });
  open.push(listening);
  return listening;
}

describe("the console's port", () => {
  it("answers on both addresses of localhost", async () => {
    const { port } = await listen(0, 1);
    for (const host of ["127.0.0.1", "[::1]"])
      expect(await (await fetch(`http://${host}:${port}`)).text()).toBe("here");
  });

  it.each(["127.0.0.1", "::1"])("is another one where %s has it, and the other address is free again", async (host) => {
    const taken = await take(host);
    const { port } = await listen(taken, 20);
    expect(port).not.toBe(taken);
    await take(host === "::1" ? "127.0.0.1" : "::1", taken);
  });

  it.each(["127.0.0.1", "::1"])("is an error that names it where %s has it and no other may be used", async (host) => {
    const taken = await take(host);
    const failed = await listen(taken, 1).catch((error) => error);
    expect(failed).toBeInstanceOf(UsageError);
    expect(failed.message).toContain(`port ${taken} is taken`);
    await take(host === "::1" ? "127.0.0.1" : "::1", taken);
  });

  it("is free again once it is closed, however often that is asked for and whatever connections are open", async () => {
    const { port, close } = await listen(0, 1);
    const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: "keep-alive" } });
    await response.text();
    await Promise.all([close(), close()]);
    await close();
    expect((await listen(port, 1)).port).toBe(port);
  });
});
