import { describe, expect, it } from "vitest";

import { outcomeOf, requestOf } from "../test/outcome";
import type { Outcome } from "./gateway/outcome";
import { createTerminal, type TerminalOptions } from "./terminal";

function handled(path: string, changes: Partial<Outcome> = {}, status = 200): Outcome {
  const response = { status, headers: {}, cookies: [], body: Buffer.alloc(0) };
  return outcomeOf(requestOf({ path }), { receivedAt: Date.UTC(2026, 10, 23, 15, 4, 5, 6), response, ...changes });
}

async function shown(
  request: Outcome,
  env: NodeJS.ProcessEnv = {},
  isTTY = false,
  options: TerminalOptions = {},
): Promise<string> {
  const written: string[] = [];
  createTerminal({ isTTY, write: (text: string) => written.push(text) > 0 }, env, options).handled(request);
  await expect.poll(() => written).not.toEqual([]);
  return written.join("");
}

/** The columns at 80 characters: time 12, status 3, method 7, path 27, latency 7, rest 17. */
function line(status: string, path: string, rest = ""): string {
  const latency = "3 ms".padStart(7);
  return `15:04:05.006 ${status} GET     ${path.padEnd(27)} ${latency}${rest && `  ${rest}`}\n`;
}

describe("a request at the terminal", () => {
  it("is one line, with its query string", async () => {
    expect(await shown(handled("/dev/a"))).toBe(line("200", "/dev/a"));
    const request = requestOf({ path: "/dev/a", query: "limit=5" });
    expect(await shown({ ...handled(""), request })).toBe(line("200", "/dev/a?limit=5"));
  });

  it("shows the caller of a request with a token", async () => {
    const claims = { sub: "6c2f1b0e", username: "ada", client_id: "web" };
    expect(await shown(handled("/dev/a", { authorized: { claims, scopes: [] } }))).toBe(line("200", "/dev/a", "ada"));
  });

  const problem = (status: number, body: object): Partial<Outcome> => ({
    response: {
      ...{ status, cookies: [], body: Buffer.from(JSON.stringify(body)) },
      headers: { "content-type": "application/problem+json" },
    },
  });
  // Messages of API Gateway: https://repost.aws/knowledge-center/api-gateway-http-api-401-errors-jwt
  it.each<[string, Partial<Outcome>, string, string]>([
    ["a function failed", { integration: { error: "Error: no" } }, "500", "Error: no"],
    [
      "the throttle rejected",
      { error: { message: "Too Many Requests", type: "THROTTLED" } },
      "429",
      "over the throttle",
    ],
    ["no route matches", { error: { message: "Not Found", type: "RESOURCE_NOT_FOUND" } }, "404", "no such route"],
    ["a body is too large", { error: { message: "Too large", type: "REQUEST_TOO_LARGE" } }, "413", "Too large"],
    ["a function rejected", problem(409, { title: "Conflict", detail: "It exists." }), "409", "It exists."],
    ["a function rejected without detail", problem(409, { title: "Conflict" }), "409", "Conflict"],
  ])("says why: %s", async (_title, changes, status, reason) => {
    expect(await shown(handled("/dev/a", changes, Number(status)))).toBe(line(status, "/dev/a", reason));
  });

  it("has a long reason on a second line, in 80 columns", async () => {
    const authorizerError = "insufficient_scope: the token does not have any of the required scopes";
    const [first = "", second = ""] = (await shown(handled("/dev/a", { authorizerError }, 403))).split("\n");
    expect(first).toBe(line("403", "/dev/a").trimEnd());
    expect(second).toBe(`${" ".repeat(25)}insufficient_scope: the token does not have any of the…`);
    expect(second).toHaveLength(80);
  });

  it("has the request id, and the reason on the same line, on a wide terminal", async () => {
    const text = await shown(handled("/dev/a", { integration: { error: "Error: no" } }, 500), { COLUMNS: "120" });
    expect(text).toMatch(/^\S+ 500 GET {5}\/dev\/a +3 ms {2}JCJM3j95PHcEJHg= {2}Error: no\n$/);
  });

  it("says that API Gateway does not log a request outside the stage", async () => {
    const { arrival: _arrival, ...unknown } = handled("/x", {}, 404);
    expect(await shown(unknown)).toContain("outside the stage: not logged");
  });

  it("has the time of the user's zone", async () => {
    expect(await shown(handled("/dev/a"), {}, false, { timeZone: "Asia/Tokyo" })).toMatch(/^00:04:05\.006 /);
  });

  it("is hidden if it is a preflight that succeeded, except with --verbose", async () => {
    const preflight = { ...handled("/dev/a", {}, 204), request: requestOf({ method: "OPTIONS", path: "/dev/a" }) };
    const written: string[] = [];
    const terminal = createTerminal({ write: (text: string) => written.push(text) > 0 }, {});
    terminal.handled(preflight);
    terminal.handled(handled("/dev/b"));
    await expect.poll(() => written.join("")).toBe(line("200", "/dev/b"));
    expect(await shown(preflight, {}, false, { isVerbose: true })).toContain(" 204 OPTIONS /dev/a");
  });

  it("cannot colour the screen, move the cursor or add lines", async () => {
    const line = await shown(handled("/\u001b[31mred\u001b]0;title\u0007\r\n\u009b2J\u202eevil"));
    expect(line.trimEnd()).toMatch(/^[\x20-\x7e…]*$/);
  });

  it("shows the beginning of a long path", async () => {
    expect(await shown(handled(`/${"a".repeat(8000)}`))).toBe(line("200", `/${"a".repeat(25)}…`));
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
