import { describe, expect, it } from "vitest";

import { openExchange } from "./gateway/exchange";
import type { Handled } from "./gateway/handle";
import { createTerminal } from "./terminal";

function handled(path: string, changes: Partial<Handled["exchange"]> = {}, status = 200, logged = true): Handled {
  const request = { method: "GET", path, query: "", rawHeaders: [], body: Buffer.alloc(0), sourceIp: "127.0.0.1" };
  const exchange = {
    ...openExchange(request, Date.UTC(2026, 10, 23, 15, 4, 5, 6)),
    requestId: "JCJM3j95PHcEJHg=",
    ...changes,
  };
  return { exchange, response: { status, headers: {}, cookies: [], body: Buffer.alloc(0) }, latency: 3, logged };
}

async function shown(request: Handled, env: NodeJS.ProcessEnv = {}, isTTY = false): Promise<string> {
  const written: string[] = [];
  createTerminal({ isTTY, write: (text: string) => written.push(text) > 0 }, env).handled(request);
  await expect.poll(() => written).not.toEqual([]);
  return written.join("");
}

describe("a request at the terminal", () => {
  it("is one line", async () => {
    expect(await shown(handled("/dev/a"))).toBe("15:04:05.006 200 GET    /dev/a 3 ms JCJM3j95PHcEJHg=\n");
  });

  it("says why an integration failed", async () => {
    expect(await shown(handled("/dev/a", { integrationError: "Error: no" }, 500))).toBe(
      "15:04:05.006 500 GET    /dev/a 3 ms JCJM3j95PHcEJHg= Error: no\n",
    );
  });

  it("says when the access log will not have it", async () => {
    expect(await shown(handled("/x", {}, 404, false))).toContain(
      "no stage of this name: API Gateway logs no such request",
    );
  });

  it("cannot colour the screen, move its cursor, or make lines of its own", async () => {
    const line = await shown(handled("/\u001b[31mred\u001b]0;title\u0007\r\n\u009b2J\u202eevil"));
    expect(line.trimEnd()).toMatch(/^[\x20-\x7e]*$/);
  });

  it("shows the beginning of a path that is too long", async () => {
    expect(await shown(handled(`/${"a".repeat(8000)}`))).toContain(`/${"a".repeat(99)}... (8001) 3 ms`);
  });

  // https://no-color.org; https://force-color.org
  it.each<[NodeJS.ProcessEnv, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
  ])("with %j at a terminal (%s) is coloured: %s", async (env, isTTY, coloured) => {
    expect((await shown(handled("/dev/a"), env, isTTY)).includes("\u001b[")).toBe(coloured);
  });

  it("is counted, not kept, while whoever reads is too slow", async () => {
    const written: string[] = [];
    let drain = () => {};
    const output = {
      write: (text: string) => written.push(text) > 1, // full after the first
      once: (_event: "drain", listener: () => void) => {
        drain = listener;
      },
    };
    const terminal = createTerminal(output, {});
    terminal.handled(handled("/dev/first"));
    await expect.poll(() => written).toHaveLength(1);
    for (let n = 0; n < 1000; n++) terminal.handled(handled("/dev/unseen"));
    drain();
    await expect.poll(() => written.at(-1)).toBe("... 1000 more requests, in the access log\n");
    terminal.handled(handled("/dev/again"));
    await expect.poll(() => written.at(-1)).toContain("/dev/again");
  });
});
