import { describe, expect, it } from "vitest";

import { outcomeOf, requestOf } from "../test/outcome";
import type { Outcome } from "./gateway/outcome";
import { createTerminal } from "./terminal";

function handled(path: string, changes: Partial<Outcome> = {}, status = 200): Outcome {
  const response = { status, headers: {}, cookies: [], body: Buffer.alloc(0) };
  return outcomeOf(requestOf({ path }), { receivedAt: Date.UTC(2026, 10, 23, 15, 4, 5, 6), response, ...changes });
}

async function shown(request: Outcome, env: NodeJS.ProcessEnv = {}, isTTY = false): Promise<string> {
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
    expect(await shown(handled("/dev/a", { integration: { error: "Error: no" } }, 500))).toBe(
      "15:04:05.006 500 GET    /dev/a 3 ms JCJM3j95PHcEJHg= Error: no\n",
    );
  });

  it("says that API Gateway does not log a request outside the stage", async () => {
    const { arrival: _arrival, ...unknown } = handled("/x", {}, 404);
    expect(await shown(unknown)).toContain("API Gateway does not log the request");
  });

  it("cannot colour the screen, move the cursor or add lines", async () => {
    const line = await shown(handled("/\u001b[31mred\u001b]0;title\u0007\r\n\u009b2J\u202eevil"));
    expect(line.trimEnd()).toMatch(/^[\x20-\x7e]*$/);
  });

  it("shows the first 100 characters of a long path", async () => {
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
  ])("with %j on a terminal (%s) is coloured: %s", async (env, isTTY, isColoured) => {
    expect((await shown(handled("/dev/a"), env, isTTY)).includes("\u001b[")).toBe(isColoured);
  });

  it("is only counted while the terminal is full", async () => {
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
    await expect.poll(() => written.at(-1)).toMatch(/^\.\.\. 1000 more requests\b/);
    terminal.handled(handled("/dev/again"));
    await expect.poll(() => written.at(-1)).toContain("/dev/again");
  });
});
