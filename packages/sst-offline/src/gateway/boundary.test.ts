import { once } from "node:events";
import { connect } from "node:net";

import { afterEach, describe, expect, it, vi } from "vitest";

import { outcomeOf, requestOf } from "../../test/outcome";
import { type FixtureProject, fixtureProject } from "../../test/project";
import { readFixture } from "../../test/reading";
import { listen } from "../kit/http";
import type { LambdaFunction } from "../lambda/function";
import type { LogWriter } from "../logs/service";
import { createGateway, type GatewayOptions } from "./gateway";
import { createApiServer } from "./server";

let project: FixtureProject;
afterEach(() => project?.remove());

/** Creates a gateway whose function returns "ok" immediately. */
function gatewayOf(changes: Partial<GatewayOptions>) {
  project = fixtureProject({ "GET /a": { source: "export const handler = 1;" } });
  const { api, edge } = readFixture(project);
  const lambda = {
    invoke: () => ({ requestId: "r", result: Promise.resolve({ ok: true, json: '"ok"' }), withdraw: () => {} }),
  } as Partial<LambdaFunction> as LambdaFunction;
  const notice = vi.fn();
  const options = { api, edge, functionOf: () => lambda, accessLog: undefined, notice, ...changes };
  return { gateway: createGateway(options), notice };
}

/** Creates a log that cannot write while `isFull` returns true. */
function logOf(lines: string[]) {
  const state = { isFull: false };
  const writer: LogWriter = {
    file: "access-log.ndjson",
    repaired: 0,
    write(_timestamp, message, _isJson, done) {
      if (state.isFull) return done(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
      lines.push(message);
      done();
    },
  };
  return { writer, state };
}
const request = requestOf({ path: "/dev/a", rawHeaders: ["Host", "a"] });

describe("the gateway", () => {
  it("responds with 500 while its access log cannot be written, and reports the start and the end once", async () => {
    const lines: string[] = [];
    const { writer, state } = logOf(lines);
    const { gateway, notice } = gatewayOf({ accessLog: writer });
    const ask = async () => (await gateway.handle(request)).response;
    expect((await ask()).status).toBe(200);
    state.isFull = true;
    for (let n = 0; n < 3; n++) {
      const { status, body, headers } = await ask();
      expect([status, body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
      expect(headers["apigw-requestid"]).toMatch(/^[\w-]{15}=$/);
    }
    expect(notice.mock.calls).toEqual([[expect.stringMatching(/access-log\.ndjson: .*ENOSPC/)]]);
    state.isFull = false;
    expect((await ask()).status).toBe(200);
    expect(notice).toHaveBeenLastCalledWith("The access log works again.");
    expect(lines).toHaveLength(2);
  });

  it.each<[string, Partial<GatewayOptions>]>([
    ["a function that cannot be found", { functionOf: () => undefined }],
    [
      "an unexpected error",
      {
        functionOf: () => {
          throw new Error("a defect");
        },
      },
    ],
    [
      "a result that is not JSON",
      {
        functionOf: () =>
          ({ invoke: () => ({ requestId: "r", result: Promise.resolve({ ok: true, json: "{" }) }) }) as never,
      },
    ],
    [
      "a result that rejects",
      { functionOf: () => ({ invoke: () => ({ requestId: "r", result: Promise.reject(new Error("a")) }) }) as never },
    ],
  ])("responds with 500 to %s, and logs it", async (_title, changes) => {
    const lines: string[] = [];
    const { gateway } = gatewayOf({ ...changes, accessLog: logOf(lines).writer });
    const { response } = await gateway.handle(request);
    expect([response.status, response.body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(lines).toEqual([expect.stringContaining('"status":500')]);
  });

  it("starts a new trace, unless the caller's header is a valid one", async () => {
    const traces: string[] = [];
    const functionOf = () =>
      ({
        invoke: (_event: string, traceId: string) => {
          traces.push(traceId);
          return { requestId: "r", result: Promise.resolve({ ok: true, json: "1" }) };
        },
      }) as never;
    const { gateway } = gatewayOf({ functionOf });
    // The form: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    const good = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    for (const header of [good, "Root=1-x", "\u001b[31m", "a".repeat(5000)]) {
      await gateway.handle({ ...request, rawHeaders: ["Host", "a", "X-Amzn-Trace-Id", header] });
    }
    expect(traces[0]).toBe(good);
    for (const trace of traces.slice(1)) expect(trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  });
});

describe("the server", () => {
  const outcome = outcomeOf(requestOf());

  async function serving(options: Partial<Parameters<typeof createApiServer>[0]>) {
    const onError = vi.fn();
    const api = createApiServer({ handle: async () => outcome, onHandled: () => {}, onError, ...options });
    const port = await listen(api.server, 0);
    return { ...api, url: `http://127.0.0.1:${port}`, port, onError };
  }

  it("keeps serving after a gateway rejects and a listener throws", async () => {
    let isFailing = true;
    const { url, onError, drain } = await serving({
      async handle() {
        if (isFailing) throw new Error("a defect");
        return outcome;
      },
      onHandled() {
        throw new Error("another");
      },
    });
    await expect(fetch(url)).rejects.toThrow();
    isFailing = false;
    expect((await fetch(url)).status).toBe(200);
    await vi.waitFor(() => expect(onError.mock.calls.map(([{ message }]) => message)).toEqual(["a defect", "another"]));
    await drain();
  });

  // Node.js removes its own listener for errors before it emits "connect".
  it("survives a CONNECT whose caller resets the connection", async () => {
    const { port, url, drain } = await serving({});
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "connect");
    socket.resetAndDestroy();
    for (let n = 0; n < 5; n++) expect((await fetch(url)).status).toBe(200);
    await drain();
  });

  it("forgets pipelined requests after the caller disconnects", async () => {
    let answer = () => {};
    const { port, drain } = await serving({
      handle: () => new Promise((resolve) => (answer = () => resolve(outcome))),
      drainLimitMs: 60_000,
    });
    const socket = connect(port, "127.0.0.1");
    const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.write(request.repeat(3));
    await vi.waitFor(() => answer());
    socket.destroy();
    await once(socket, "close");
    await drain();
  });

  it("does not add listeners to a connection with each request", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { url, drain } = await serving({});
    for (let n = 0; n < 30; n++) await (await fetch(url)).text();
    expect(warn).not.toHaveBeenCalled();
    await drain();
  });

  it("responds with 503 while offline is starting", async () => {
    const { url, drain, onError } = await serving({ handle: () => undefined });
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([503, '{"message":"offline is starting"}']);
    expect(onError).not.toHaveBeenCalled();
    await drain();
  });

  it("can stop even if a caller never reads its response", async () => {
    const body = Buffer.alloc(32 * 1024 * 1024);
    const { port, drain } = await serving({
      handle: async () => ({ ...outcome, response: { ...outcome.response, body } }),
      drainLimitMs: 50,
    });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "readable"); // the response has begun, and is not read
    await drain();
    socket.destroy();
  });
});
